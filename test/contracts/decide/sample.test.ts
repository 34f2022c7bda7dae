import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Json, type JsonSchema, type Samples, sample } from '../../../contracts/index.ts'
import { schemas } from '../../support/generated-schemas.ts'
import { nested, satisfiability, taggedUnion, untaggedUnion } from '../../support/hostile-schemas.ts'
import { ajvJudge } from '../../support/judges.ts'
import { fc } from '../../support/property.ts'

const votes = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/samples-and-diffs/votes-1.json'), 'utf8'),
) as JsonSchema

test('the votes of the docs have these samples', () => {
  const { valid, violating } = sample(votes)

  expect(valid).toEqual([
    { kind: 'minimal', message: { option: 'cats' } },
    { kind: 'typical', message: { option: 'cats', weight: 3, note: 'blue' } },
    { kind: 'edge', at: '/option', keyword: 'enum', message: { option: 'dogs' } },
    { kind: 'edge', at: '/weight', keyword: 'minimum', message: { option: 'cats', weight: 1 } },
    { kind: 'edge', at: '/weight', keyword: 'maximum', message: { option: 'cats', weight: 5 } },
    { kind: 'edge', at: '/note', keyword: 'maxLength', message: { option: 'cats', note: 'aaaaaaaa' } },
  ])

  expect(violating[0]).toEqual({ at: '/option', keyword: 'required', pointer: '/required', message: {} })

  expect(violating.map(({ at, keyword, message }) => [at, keyword, message])).toEqual([
    ['/option', 'required', {}],
    ['', 'additionalProperties', { option: 'cats', undeclared: true }],
    ['', 'type', 'text'],
    ['/option', 'enum', { option: 'another' }],
    ['/weight', 'type', { option: 'cats', weight: 'text' }],
    ['/weight', 'minimum', { option: 'cats', weight: 0 }],
    ['/weight', 'maximum', { option: 'cats', weight: 6 }],
    ['/note', 'type', { option: 'cats', note: 12 }],
    ['/note', 'maxLength', { option: 'cats', note: 'aaaaaaaaa' }],
  ])
})

const object = (properties: { [name: string]: JsonSchema }, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
})
const messages = (kind: string, { valid }: Samples) =>
  valid.filter((one) => one.kind === kind).map((one) => one.message)

describe('the minimal message', () => {
  test.each<[string, JsonSchema, Json]>([
    ['has only required fields', object({ a: { const: 1 }, b: { const: 2 } }, ['a']), { a: 1 }],
    ['goes inside', object({ a: object({ b: { const: 1 } }) }), { a: { b: 1 } }],
    ['is the only value', { const: 'cats' }, 'cats'],
    ['is as long as it must be', { type: 'array', minItems: 2, items: { const: 1 } }, [1, 1]],
  ])('%s', (_, schema, message) => {
    expect(messages('minimal', sample(schema))).toEqual([message])
  })
})

const typical = (schema: JsonSchema, seed = 0) => messages('typical', sample(schema, { seed }))

describe('the typical message', () => {
  test.each<[string, JsonSchema, Json]>([
    ['has optional fields', object({ a: { const: 1 }, b: { type: 'boolean' } }, []), { a: 1, b: true }],
    ['goes inside', object({ a: object({ b: { type: 'integer' } }, []) }, []), { a: { b: 3 } }],
    ['takes an example', object({ a: { type: 'string', examples: ['Porto'] } }), { a: 'Porto' }],
    ['takes a default', object({ a: { type: 'integer', default: 7 } }), { a: 7 }],
    [
      'leaves an example that the schema refuses',
      object({ a: { type: 'integer', minimum: 5, examples: [1], default: 9 } }),
      { a: 9 },
    ],
    ['suits the format', object({ x: { type: 'string', format: 'date' } }), { x: '2026-11-20' }],
    ['suits the name', object({ email: { type: 'string' } }), { email: 'someone@example.com' }],
    ['suits the pattern', object({ a: { type: 'string', pattern: '^[A-Z]{2}$' } }), { a: 'AA' }],
    ['suits a length', object({ a: { type: 'string', minLength: 6 } }), { a: 'silver' }],
    ['fills a list', object({ a: { type: 'array', items: { type: 'boolean' } } }), { a: [true] }],
    ['follows a reference', { ...object({ a: { $ref: '#/$defs/d' } }), $defs: { d: { const: 1 } } }, { a: 1 }],
    ['prefers something to nothing', object({ a: { anyOf: [{ type: 'null' }, { const: 1 }] } }), { a: 1 }],
    ['ends where the schema is recursive', object({ a: { const: 1 }, next: { $ref: '#' } }, ['a']), { a: 1 }],
    [
      'has as many of the declared fields as go together',
      { ...object({ a: { const: 1 }, b: { const: 2 }, c: { const: 3 } }, []), maxProperties: 2 },
      { a: 1, b: 2 },
    ],
  ])('%s', (_, schema, message) => {
    expect(typical(schema)).toEqual([message])
  })

  test('varies with the seed, and only with it', () => {
    const schema = object({ a: { enum: ['one', 'two', 'three', 'four', 'five', 'six', 'seven'] } })
    const seeds = Array.from({ length: 20 }, (_, seed) => seed)
    const seen = seeds.map((seed) => JSON.stringify(typical(schema, seed)))
    expect(new Set(seen).size).toBeGreaterThan(3)
    expect(seeds.map((seed) => JSON.stringify(typical(schema, seed)))).toEqual(seen)
  })
})

const texts = (list: readonly { readonly message: Json }[]) => list.map(({ message }) => JSON.stringify(message))

describe('edges and breaches', () => {
  test.each<[string, JsonSchema, readonly Json[], readonly Json[]]>([
    ['of numbers', { type: 'integer', minimum: 2, maximum: 5 }, [2, 5], [1, 6, 'text']],
    ['of open bounds', { type: 'integer', exclusiveMinimum: 2, exclusiveMaximum: 5 }, [3, 4], [2, 5]],
    ['of multiples', { type: 'integer', multipleOf: 3, minimum: 1, maximum: 10 }, [3, 9], [0, 12]],
    ['of lengths', { type: 'string', minLength: 2, maxLength: 3 }, ['aa', 'aaa'], ['a', 'aaaa', 12]],
    ['of lists', { type: 'array', minItems: 1, maxItems: 2, items: { const: 1 } }, [[1], [1, 1]], [[], [1, 1, 1]]],
    ['of fields', { type: 'object', minProperties: 1, maxProperties: 1 }, [], [{}]],
    ['of patterns and formats', { type: 'string', pattern: '^a', format: 'email' }, [], ['a']],
    ['of listed values', { enum: [1, 'a', null] }, [1, 'a', null], []],
    ['of types', { type: ['boolean', 'null'] }, [null, true], ['text']],
    ['of unique items', { type: 'array', uniqueItems: true }, [[]], [[null, null]]],
    ['of contains', { type: 'array', contains: { const: 1 } }, [[1]], [[]]],
    ['of negations', { type: 'integer', not: { const: 0 } }, [1], [0]],
    ['of fields that come together', { dependentRequired: { a: ['b'] } }, [], [{ a: null }]],
    ['of names', { type: 'object', propertyNames: { maxLength: 3 } }, [], ['text']],
    ['inside a list', { type: 'array', items: { type: 'integer', minimum: 0 } }, [[0]], [['text'], [-1]]],
    ['inside a branch', { anyOf: [{ const: 'a' }, { type: 'integer', minimum: 5 }] }, ['a', 5], []],
    [
      'inside a reference',
      { ...object({ a: { $ref: '#/$defs/d' } }), $defs: { d: { type: 'integer', maximum: 4 } } },
      [{ a: 4 }],
      [{ a: 5 }, {}],
    ],
    [
      'inside a branch that only a tag opens',
      {
        oneOf: [object({ kind: { const: 'a' } }), object({ kind: { const: 'b' }, n: { type: 'integer', minimum: 3 } })],
      },
      [{ kind: 'a' }, { kind: 'b', n: 3 }],
      [{ kind: 'b', n: 2 }],
    ],
    [
      'of additional fields',
      { type: 'object', additionalProperties: { type: 'integer', minimum: 7 } },
      [{}, { '': 7 }],
      [{ '': 6 }],
    ],
  ])('%s', (_, schema, valid, violating) => {
    const found = sample(schema)
    expect(texts(found.valid)).toEqual(expect.arrayContaining(valid.map((message) => JSON.stringify(message))))
    expect(texts(found.violating)).toEqual(expect.arrayContaining(violating.map((message) => JSON.stringify(message))))
  })
})

describe('schemas without samples', () => {
  test.each<[string, JsonSchema, string]>([
    ['that are none', { type: 'text' }, 'schema.not-a-schema'],
    ['that refer to nothing', { $ref: '#/$defs/d' }, 'ref.unresolved'],
    ['that accept nothing', false, 'writer.empty'],
    ['that contradict themselves', { type: 'integer', minimum: 2, maximum: 1 }, 'writer.empty'],
  ])('%s have a finding', (_, schema, code) => {
    const { valid, findings } = sample(schema)
    expect(valid).toEqual([])
    expect(findings.map((finding) => finding.code)).toEqual([code])
  })
})

test.each<[string, JsonSchema]>([
  ['a union of 60 events', taggedUnion(60)],
  ['unions of unions', untaggedUnion(6, 2)],
  ['a hard riddle', satisfiability(15, 60, 1).writer],
  ['80 levels', nested(80, { type: 'integer', minimum: 1 })],
  ['long texts', { type: 'string', minLength: 100_000 }],
  ['many items', { type: 'array', minItems: 100_000 }],
])('%s: no more than 100 messages, in a bounded time', (_, schema) => {
  const { valid, violating } = sample(schema)
  expect(valid.length).toBeLessThanOrEqual(100)
  expect(violating.length).toBeLessThanOrEqual(100)
})

test('without steps there is an answer too', () => {
  expect(sample(votes, { budget: 0 })).toMatchObject({ valid: expect.any(Array), violating: [] })
})

const numRuns = Number(process.env.DECIDE_RUNS ?? 400)
describe('samples of any schema', () => {
  // where ajv itself breaks, as on a field named toString, the judge is unsure
  test('are refuted by no other judge', { timeout: 60_000 + numRuns * 100 }, () => {
    const property = fc.property(schemas, fc.nat({ max: 3 }), (schema, seed) => {
      const { valid, violating } = sample(schema, { seed })
      const judge = ajvJudge(schema)
      expect(valid.filter(({ message }) => judge(message) === false)).toEqual([])
      expect(violating.filter(({ message }) => judge(message) === true)).toEqual([])
    })
    fc.assert(property, { numRuns })
  })

  test('are the same each time', { timeout: 60_000 + numRuns * 100 }, () => {
    const property = fc.property(schemas, fc.nat(), (schema, seed) => {
      expect(sample(schema, { seed })).toEqual(sample(schema, { seed }))
    })
    fc.assert(property, { numRuns: numRuns / 8 })
  })
})
