import { expect, test } from 'vitest'
import { compileDecode, compileEncode, decide, type JsonSchema, readSchema } from '../../../contracts/index.ts'
import type { Wire } from '../../../contracts/wire/layout.ts'

const INTEGER = { type: 'integer' }
const NUMBER = { type: 'number' }
const TEXT = { type: 'string' }
const FLAG = { type: 'boolean' }
const LIST = { type: 'array', items: TEXT }

function object(properties: { readonly [name: string]: JsonSchema }, required = Object.keys(properties)): JsonSchema {
  return { type: 'object', properties, required }
}

function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

function wireOf(root: JsonSchema): Wire {
  const { schema, findings } = readSchema(typeof root === 'boolean' ? root : { ...root })
  if (findings) throw new Error(JSON.stringify(findings))
  return { channel: 'stream:s', schema, encoding: 'fields', field: 'data', headers: 'off' }
}

test.each<[string, JsonSchema, JsonSchema, string, string]>([
  ['an integer read as text', object({ a: INTEGER }), object({ a: TEXT }), 'compatible', 'incompatible'],
  ['text read as an integer', object({ a: TEXT }), object({ a: INTEGER }), 'incompatible', 'incompatible'],
  ['an integer read as a number', object({ a: INTEGER }), object({ a: NUMBER }), 'compatible', 'compatible'],
  ['a number read as an integer', object({ a: NUMBER }), object({ a: INTEGER }), 'incompatible', 'incompatible'],
  [
    'a flag read as its two texts',
    object({ a: FLAG }),
    object({ a: { enum: ['true', 'false'] } }),
    'compatible',
    'incompatible',
  ],
  ['a flag read as an integer', object({ a: FLAG }), object({ a: INTEGER }), 'incompatible', 'incompatible'],
  [
    'an integer read as a short text',
    object({ a: INTEGER }),
    object({ a: { ...TEXT, maxLength: 3 } }),
    'incompatible',
    'incompatible',
  ],
  ['a list read as text', object({ a: LIST }), object({ a: TEXT }), 'compatible', 'incompatible'],
  [
    'null read as absence',
    object({ k: TEXT, a: orNull(TEXT) }),
    object({ k: TEXT, a: TEXT }, ['k']),
    'compatible',
    'incompatible',
  ],
  [
    'absence read as null',
    object({ k: TEXT, a: TEXT }, ['k']),
    object({ k: TEXT, a: orNull(TEXT) }),
    'compatible',
    'incompatible',
  ],
  [
    'null where a text is required',
    object({ k: TEXT, a: orNull(TEXT) }),
    object({ k: TEXT, a: TEXT }),
    'incompatible',
    'incompatible',
  ],
  ['the same kinds, as values', object({ a: TEXT }), object({ a: TEXT, b: TEXT }), 'incompatible', 'incompatible'],
])('%s', (_, writer, reader, onFields, asJson) => {
  expect(decide(writer, reader, { encoding: 'fields' }).answer).toBe(onFields)
  expect(decide(writer, reader, { encoding: 'json' }).answer).toBe(asJson)
})

test.each([
  ['text for an integer', object({ a: TEXT }), object({ a: INTEGER })],
  ['an integer for a short text', object({ a: INTEGER }), object({ a: { ...TEXT, maxLength: 3 } })],
  ['a missing field', object({ a: TEXT }), object({ b: TEXT })],
])('a witness in stream form is what the writer sends and the reader refuses: %s', (_, writer, reader) => {
  const { witness, wire = [] } = decide(writer, reader, { encoding: 'fields' })
  expect(compileEncode(wireOf(writer))(witness).entry).toEqual(wire.flat())
  expect(compileDecode(wireOf(reader))(wire.flat()).findings).not.toBeUndefined()
})

test('a contract that fields cannot carry makes the answer unknown, and says why', () => {
  const verdict = decide(object({ a: {} }), object({ a: TEXT }), { encoding: 'fields' })
  expect(verdict).toMatchObject({
    answer: 'unknown',
    reason: 'writer-unreadable',
    findings: [{ code: 'contract.mixed-kinds', at: '/a' }, { code: 'contract.could-be-empty' }],
  })
})
