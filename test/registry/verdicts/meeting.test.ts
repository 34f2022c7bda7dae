import { expect, test } from 'vitest'
import type { JsonSchema } from '../../../contracts/index.ts'
import { decideMeeting, meetingOf, nameMeeting, type WireForm } from '../../../registry/verdicts/meeting.ts'

const OPEN: JsonSchema = { type: 'object', properties: { vote: { type: 'string' } }, required: ['vote'] }
const CLOSED: JsonSchema = { ...OPEN, additionalProperties: false }

const fields: WireForm = { encoding: 'fields' }
const json: WireForm = { encoding: 'json' }
const withHeaders: WireForm = { encoding: 'fields', headers: 'full' }

test.each<[string, WireForm, WireForm, string]>([
  ['fields', fields, { encoding: 'fields', headers: 'id' }, 'fields'],
  ['JSON', json, { encoding: 'json', field: 'data', headers: 'full' }, 'json'],
  ['HTTP', { encoding: 'http' }, { encoding: 'http' }, 'http'],
  ['headers that are taken off', withHeaders, withHeaders, 'fields'],
  ['headers that are not', withHeaders, fields, 'fields, with headers to fields'],
  ['fields and JSON', fields, json, 'fields to JSON in the field "data"'],
  ['JSON in two fields', json, { encoding: 'json', field: 'x' }, 'JSON in the field "data" to JSON in the field "x"'],
])('%s have a name for their meeting, which is a part of the key', (_what, writer, reader, name) => {
  expect(nameMeeting(meetingOf(writer, reader))).toBe(name)
})

test('the reader judges an entry that the writer made: one of another form has not what it looks for', () => {
  expect(decideMeeting(OPEN, OPEN, meetingOf(fields, json), {})).toMatchObject({
    answer: 'incompatible',
    witness: { vote: '' },
    wire: [['vote', '']],
    findings: [{ code: 'encoding.differs' }, { code: 'field.missing', at: '/data' }],
  })
  expect(decideMeeting(OPEN, OPEN, meetingOf(json, fields), {})).toMatchObject({
    answer: 'incompatible',
    wire: [['data', '{"vote":""}']],
  })
})

test('a reader that takes the other form by chance is not called compatible', () => {
  const anything: JsonSchema = { type: 'object', properties: { note: { type: 'string' } } }
  expect(decideMeeting(OPEN, anything, meetingOf(json, fields), {})).toMatchObject({
    answer: 'unknown',
    reason: 'witness-unconfirmed',
    findings: [{ code: 'encoding.differs' }],
  })
})

test('headers break a reader that allows no other fields, and no other', () => {
  const meeting = meetingOf(withHeaders, fields)
  expect(decideMeeting(OPEN, OPEN, meeting, {})).toMatchObject({ answer: 'compatible' })
  expect(decideMeeting(OPEN, CLOSED, meeting, {})).toMatchObject({
    answer: 'incompatible',
    wire: [
      ['vote', ''],
      ['_sid', '1'],
    ],
    findings: [{ code: 'field.not-read', at: '/_sid' }],
  })
})

test('a status that is not read is shown by a response, and one that can never be sent breaks nothing', () => {
  const meeting = { status: '500', read: ['200'] }
  const body: JsonSchema = { type: 'object', properties: { body: { const: 'oh' } }, required: ['body'] }
  expect(decideMeeting(body, true, meeting, {})).toMatchObject({
    answer: 'incompatible',
    witness: { body: 'oh' },
    findings: [{ code: 'status.not-read', writer: { value: '500' }, reader: { value: ['200'] } }],
  })
  expect(decideMeeting(false, true, meeting, {})).toMatchObject({ answer: 'compatible' })
})
