import { describe, expect, test } from 'vitest'
import { decide, type JsonSchema, type Policy } from '../../../contracts/index.ts'

const Votes = {
  type: 'object',
  properties: {
    option: {
      anyOf: [
        { const: 'cats', type: 'string' },
        { const: 'dogs', type: 'string' },
      ],
    },
    timestamp: { type: 'integer' },
    request_id: { type: 'string', format: 'uuid' },
  },
  required: ['option', 'timestamp', 'request_id'],
}
const object = (properties: { [name: string]: JsonSchema }, required: string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
})

describe('the story', () => {
  const verdict = decide(Votes, object({ vote: { enum: ['cats', 'dogs'] } }))

  test('is incompatible, with the message as it would be sent', () => {
    expect(verdict.answer).toBe('incompatible')
    expect(JSON.stringify(verdict.witness)).toMatch(/^\{"option":"cats","timestamp":0,"request_id":"/)
  })

  test('names the missing field and the one that was renamed', () => {
    expect(verdict.findings).toMatchObject([
      { code: 'field.never-written', at: '/vote', suggestion: { rename: { from: 'option', to: 'vote' } } },
    ])
  })

  test('lists the names and proposes none where two would do', () => {
    const twice = decide(object({ a: { type: 'string' }, b: { type: 'string' } }), object({ c: { type: 'string' } }))
    expect(twice.findings[0]?.suggestion).toEqual({ candidates: ['a', 'b'] })
  })
})

const cats: JsonSchema = { const: 'cats' }
const text: JsonSchema = { type: 'string' }
const whole: JsonSchema = { type: 'integer' }
test.each<[string, JsonSchema, JsonSchema, Policy, string]>([
  [
    'equal schemas, in any key order',
    { type: 'object', title: 'a' },
    { title: 'a', type: 'object' },
    'strict',
    'compatible',
  ],
  ['a value among more', object({ a: cats }), object({ a: { enum: ['cats', 'dogs'] } }), 'as-declared', 'compatible'],
  [
    'more values than are read',
    object({ a: { enum: ['cats', 'dogs'] } }),
    object({ a: cats }),
    'as-declared',
    'incompatible',
  ],
  ['an integer read as a number', object({ a: whole }), object({ a: { type: 'number' } }), 'strict', 'compatible'],
  ['a text read as an integer', object({ a: text }), object({ a: whole }), 'strict', 'incompatible'],
  ['an optional field that is required', object({ a: text }, []), object({ a: text }), 'as-declared', 'incompatible'],
  [
    'a field that the reader does not know and allows',
    object({ a: text, b: text }),
    object({ a: text }),
    'strict',
    'compatible',
  ],
  [
    'a field that a closed reader refuses',
    object({ a: text, b: text }),
    { ...object({ a: text }), additionalProperties: false },
    'as-declared',
    'incompatible',
  ],
  [
    'an undeclared field that the reader declares, strictly',
    object({ a: text }),
    object({ a: text, b: text }, ['a']),
    'strict',
    'incompatible',
  ],
  [
    'an undeclared field that the reader declares, as declared',
    object({ a: text }),
    object({ a: text, b: text }, ['a']),
    'as-declared',
    'compatible',
  ],
  [
    'an undeclared field in an object inside',
    object({ in: object({}) }),
    object({ in: object({ b: whole }, []) }),
    'as-declared',
    'compatible',
  ],
  [
    'objects inside that differ',
    object({ in: object({ a: text }) }),
    object({ in: object({ a: whole }) }),
    'as-declared',
    'incompatible',
  ],
  [
    'a pattern that makes a text long enough',
    object({ a: { type: 'string', pattern: '^a' } }),
    object({ a: { type: 'string', minLength: 1 } }),
    'strict',
    'compatible',
  ],
  [
    'equal references to different definitions',
    { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: whole } },
    { properties: { a: { $ref: '#/$defs/x' } }, $defs: { x: text } },
    'strict',
    'incompatible',
  ],
])('%s', (_, writer, reader, policy, answer) => {
  const verdict = decide(writer, reader, { policy })
  expect(verdict.answer).toBe(answer)
  expect(verdict.witness !== undefined).toBe(answer === 'incompatible')
})

test('says that a yes holds only as declared', () => {
  const [writer, reader] = [object({ a: text }), object({ a: text, b: text }, ['a'])]
  expect(decide(writer, reader)).toMatchObject({ answer: 'compatible', onlyAsDeclared: true })
  expect(decide(writer, writer)).not.toHaveProperty('onlyAsDeclared')
})

test.each([
  ['writer', { type: 'strin' }, {}, 'writer-unreadable'],
  ['reader', {}, { $ref: 'http://169.254.169.254/' }, 'reader-unreadable'],
])('a %s that is no schema makes the answer unknown, with findings', (_, writer, reader, reason) => {
  const verdict = decide(writer, reader)
  expect(verdict).toMatchObject({ answer: 'unknown', reason })
  expect(verdict.findings).toHaveLength(1)
})

describe('other documents', () => {
  const documents = { 'https://example.com/option.json': { enum: ['cats', 'dogs'] } }
  const writer = object({ option: { $ref: 'https://example.com/option.json' } })

  test('are found by their URI when they are given', () => {
    expect(decide(writer, object({ option: { type: 'string' } }), { documents }).answer).toBe('compatible')
    expect(decide(writer, object({ option: { const: 'cats' } }), { documents }).witness).toEqual({ option: 'dogs' })
  })

  test('are not fetched when they are not', () => {
    expect(decide(writer, object({ option: { type: 'string' } }))).toMatchObject({
      reason: 'writer-unreadable',
      findings: [{ code: 'ref.unresolved' }],
    })
  })
})

test('the budget decides alone, and the clock only ends the search', () => {
  const [writer, reader] = [object({ a: text, b: { anyOf: [text, whole] } }), object({ a: text, b: whole })]
  expect(decide(writer, reader, { budget: 1 })).toMatchObject({ answer: 'unknown', reason: 'budget' })
  expect(decide(writer, reader)).toEqual(decide(writer, reader))
})

// ajv knows it beside `type`, the specification nowhere.
describe('nullable, which validators read in two ways, is answered where both readings agree', () => {
  const either = { type: 'string', nullable: true }

  test.each([
    ['written', either, { type: 'string' }, 'unknown'],
    ['read', { type: ['string', 'null'] }, either, 'unknown'],
    ['read where no null is written', { type: 'string' }, either, 'compatible'],
    ['written where null is read', either, { type: ['string', 'null'] }, 'compatible'],
    ['written and read', either, either, 'compatible'],
    ['written where numbers are read', either, { type: 'integer' }, 'incompatible'],
    ['without a type, where it says nothing,', { enum: ['a'], nullable: true }, { type: 'string' }, 'compatible'],
  ] as const)('%s', (_, writer, reader, answer) => {
    expect(decide(writer, reader).answer).toBe(answer)
  })
})
