import { describe, expect, test } from 'vitest'
import { compileCheck } from '../../../contracts/check/check.ts'
import { type JsonObject, readSchema } from '../../../contracts/index.ts'
import { asDeclared } from '../../../contracts/schema/as-declared.ts'
import type { Schema } from '../../../contracts/schema/read.ts'
import { fc } from '../../support/property.ts'

function read(schema: object): Schema {
  const { schema: found, findings } = readSchema(schema)
  if (findings) throw new Error(JSON.stringify(findings))
  return found
}

const A = { properties: { a: {} }, required: ['a'] }
const B = { properties: { b: {} }, required: ['b'] }

describe('closing a writer as declared', () => {
  test.each<[string, object, unknown, boolean]>([
    ['refuses an undeclared field', A, { a: 1, x: 1 }, false],
    ['refuses one inside', { properties: { in: A } }, { in: { a: 1, x: 1 } }, false],
    ['refuses one in a list', { items: A }, [{ a: 1, x: 1 }], false],
    ['takes what two branches of allOf declare together', { allOf: [A, B] }, { a: 1, b: 1 }, true],
    ['refuses what neither branch of allOf declares', { allOf: [A, B] }, { a: 1, b: 1, x: 1 }, false],
    ['closes each branch of a union by itself', { anyOf: [A, B] }, { a: 1, b: 1 }, false],
    ['takes each branch of a union', { anyOf: [A, B] }, { b: 1 }, true],
    ['keeps oneOf as written, so that two branches still exclude each other', { oneOf: [A, B] }, { a: 1, b: 1 }, false],
    ['leaves an explicit additionalProperties open', { ...A, additionalProperties: true }, { a: 1, x: 1 }, true],
    ['leaves an object without properties open', { type: 'object' }, { x: 1 }, true],
    [
      'leaves the open branch of a union open',
      { anyOf: [A, { type: 'object', required: ['z'] }] },
      { z: 1, x: 1 },
      true,
    ],
    ['leaves everything open for {}', {}, { x: 1 }, true],
    ['adds nothing inside not', { properties: { a: { not: A } } }, { a: { a: 1, x: 1 } }, false],
    [
      'adds nothing inside if',
      { properties: { a: {}, b: {} }, if: { properties: { a: A } }, then: { required: ['b'] } },
      { a: { a: 1, x: 1 } },
      false,
    ],
    ['adds nothing inside contains', { contains: A }, [{ a: 1, x: 1 }], true],
    ['follows references', { $ref: '#/$defs/A', $defs: { A } }, { a: 1, x: 1 }, false],
    ['follows recursion', { properties: { next: { $ref: '#' } } }, { next: { next: { x: 1 } } }, false],
    [
      'knows what a reference beside properties declares',
      { ...A, allOf: [{ $ref: '#/$defs/B' }], $defs: { B } },
      { a: 1, b: 1 },
      true,
    ],
    [
      'works in draft-07',
      { $schema: 'http://json-schema.org/draft-07/schema#', allOf: [A, B] },
      { a: 1, b: 1, x: 1 },
      false,
    ],
    [
      'works in 2020-12',
      { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [A] },
      [{ a: 1, x: 1 }],
      false,
    ],
  ])('%s', (_, schema, message, accepted) => {
    expect(compileCheck(asDeclared(read(schema))).accepts(message)).toBe(accepted)
  })

  test('never adds a message: whatever is as declared also keeps the schema', () => {
    const property = fc.property(
      schemas,
      fc.array(messages, { minLength: 20, maxLength: 20 }),
      (schema, candidates) => {
        const open = read(schema)
        const [asWritten, closed] = [compileCheck(open), compileCheck(asDeclared(open))]
        for (const message of candidates) expect(closed.accepts(message) && !asWritten.accepts(message)).toBe(false)
      },
    )
    fc.assert(property, { numRuns: 150 })
  })
})

const NAMES = ['a', 'b', 'c']
const leaf = fc.constantFrom<JsonObject>(
  {},
  { type: 'string' },
  { const: 1 },
  { type: 'object' },
  { $ref: '#' },
  { $ref: '#/$defs/d' },
)
const { schema: anySchema } = fc.letrec<{ schema: JsonObject }>((tie) => {
  const list = fc.array(tie('schema'), { minLength: 1, maxLength: 3 })
  const inside = fc.record(
    {
      properties: fc.dictionary(fc.constantFrom(...NAMES), tie('schema'), { maxKeys: 2 }),
      required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
      items: tie('schema'),
    },
    { requiredKeys: [] },
  )
  const branching = fc.record(
    { allOf: list, anyOf: list, oneOf: list, not: tie('schema'), if: tie('schema'), else: tie('schema') },
    { requiredKeys: [] },
  )
  const both = fc.tuple(inside, branching).map(([own, more]) => ({ ...own, ...more }))
  return { schema: fc.oneof({ maxDepth: 3 }, leaf, inside, branching, both) }
})
const schemas = fc
  .tuple(anySchema, anySchema)
  .map(([root, d]) => ({ ...root, $defs: { d } }))
  .filter((schema) => readSchema(schema).findings === undefined)

const { message: messages } = fc.letrec<{ message: unknown }>((tie) => ({
  message: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(1, 'text', null),
    fc.dictionary(fc.constantFrom(...NAMES, 'x'), tie('message'), { maxKeys: 3 }),
    fc.array(tie('message'), { maxLength: 2 }),
  ),
}))
