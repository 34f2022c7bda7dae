import { expect, test } from 'vitest'
import { typescriptOf } from '../../../contracts/index.ts'
import type { JsonSchema } from '../../../contracts/schema/keywords.ts'

const VOTE: JsonSchema = {
  title: 'A vote',
  type: 'object',
  properties: {
    option: { enum: ['cats', 'dogs'] },
    weight: { type: 'integer', minimum: 1, maximum: 5, default: 1 },
    note: { type: ['string', 'null'], maxLength: 8, description: 'What the voter says.' },
    at: { type: 'string', format: 'date-time' },
  },
  required: ['option', 'at'],
  additionalProperties: false,
}

test('an object becomes a type with a member for each field, and comments say what the type cannot', () => {
  expect(typescriptOf(VOTE, { name: 'vote' })).toEqual({
    name: 'Vote',
    text: `/** A vote */
export type Vote = {
  option: 'cats' | 'dogs'
  /**
   * An integer, at least 1, at most 5.
   * Default: 1.
   */
  weight?: number
  /**
   * What the voter says.
   * At most 8 characters.
   */
  note?: string | null
  /** In the format \`date-time\`. */
  at: string
}
`,
  })
})

test('definitions become types of their own, and may lead back to themselves', () => {
  const schema = {
    $ref: '#/definitions/comment',
    definitions: {
      comment: {
        type: 'object',
        properties: {
          text: { type: 'string' },
          by: { $ref: '#/definitions/user_name' },
          replies: { type: 'array', items: { $ref: '#/definitions/comment' } },
        },
        required: ['text', 'by'],
      },
      user_name: { type: 'string' },
      unused: { type: 'number' },
    },
  }
  expect(textOf(schema, 'Comment')).toBe(`export type Comment = {
  text: string
  by: UserName
  replies?: Comment[]
}

export type UserName = string
`)
})

test.each<[string, JsonSchema, string]>([
  ['anything', true, 'unknown'],
  ['nothing', false, 'never'],
  ['several types', { type: ['integer', 'number', 'boolean'] }, 'number | boolean'],
  ['a constant', { const: { kind: 'a', list: [1, null] } }, "{\n  kind: 'a'\n  list: [1, null]\n}"],
  ['values of a type', { type: 'string', enum: ['a', 1, 'b'] }, "'a' | 'b'"],
  ['a list', { type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
  ['a list of anything', { type: 'array', minItems: 1 }, 'unknown[]'],
  ['no items', { type: 'array', maxItems: 0 }, '[]'],
  ['an open object', { type: 'object' }, '{ [name: string]: unknown }'],
  ['an empty object', { type: 'object', additionalProperties: false }, '{ [name: string]: never }'],
  ['a map', { type: 'object', additionalProperties: { type: 'number' } }, '{ [name: string]: number }'],
  [
    'names by a pattern',
    { type: 'object', patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    '{ [name: string]: string }',
  ],
  [
    'a map beside fields, as wide as they are',
    { type: 'object', properties: { id: { type: 'number' } }, additionalProperties: { type: 'string' } },
    '{\n  id?: number\n  [name: string]: string | number | undefined\n}',
  ],
  [
    'an open object in which nothing must be there',
    { type: 'object', properties: { a: { type: 'string' } } },
    '{\n  a?: string\n  [name: string]: unknown\n}',
  ],
  [
    'an optional field whose name every object inherits',
    { type: 'object', properties: { toString: { type: 'string' } }, additionalProperties: false },
    '{\n  toString?: unknown\n}',
  ],
  ['a required field that is not declared', { type: 'object', required: ['a'] }, '{\n  a: unknown\n}'],
  [
    'a tuple of 2020-12',
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'array',
      prefixItems: [{ type: 'string' }, { type: 'number' }],
      items: false,
      minItems: 1,
    },
    '[string, number?]',
  ],
  [
    'a tuple of draft-07',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'array',
      items: [{ type: 'string' }],
      additionalItems: { type: 'number' },
    },
    '[string?, ...number[]]',
  ],
  ['a union', { anyOf: [{ type: 'string' }, { type: 'string' }, { type: 'null' }] }, 'string | null'],
  [
    'all of several',
    { type: 'object', allOf: [{ properties: { a: { const: 1 } }, required: ['a'] }, { required: ['b'] }] },
    '{\n  a: 1\n} & {\n  b: unknown\n}',
  ],
  ['both arms of a condition', { if: true, then: { type: 'string' }, else: { type: 'null' } }, 'string | null'],
  ["OpenAPI's nullable, as ajv reads it", { type: 'string', nullable: true }, 'string | null'],
  ['what TypeScript cannot say', { type: 'string', not: { const: '' } }, 'string'],
  [
    'fields of what may be no object',
    { properties: { a: { type: 'string' } }, required: ['a'] },
    'string | number | boolean | unknown[] | {\n  a: string\n} | null',
  ],
])('%s', (_, schema, type) => {
  expect(textOf(schema, 'T').replace(/^\/\*\*[^]*?\*\/\n/, '')).toBe(`export type T = ${type}\n`)
})

test('what stands beside $ref in draft-07 is ignored, as the specification has it', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $ref: '#/definitions/a',
    type: 'string',
    definitions: { a: { type: 'number' } },
  }
  expect(textOf(schema, 'T')).toBe('export type T = number\n')
})

test('names that are equal, or no names at all, are told apart', () => {
  const $defs = {
    'user-id': { type: 'string' },
    user_id: { type: 'number' },
    '№': { type: 'null' },
    '1': { type: 'boolean' },
  }
  const schema = {
    type: 'array',
    items: { anyOf: Object.keys($defs).map((name) => ({ $ref: `#/$defs/${encodeURIComponent(name)}` })) },
    $defs,
  }
  expect(textOf(schema, 'UserId')).toContain('export type UserId = (Defs | UserId2 | UserId3 | No)[]')
})

test('a union is told whole, and of unions that multiply as many as TypeScript can bear', () => {
  const two = [tagged('a', 900), tagged('b', 900)]
  expect(textOf({ type: 'object', anyOf: two }, 'T').match(/[ab]: /g)).toHaveLength(1800)
  expect(textOf({ type: 'object', allOf: two }, 'T').match(/[ab]: /g)).toHaveLength(900)
})

test('the same schema gives the same text', () => {
  expect(textOf(VOTE, 'Vote')).toBe(textOf(structuredClone(VOTE), 'Vote'))
})

test.each<[string, object, string]>([
  ['a reference that leads out', { $ref: 'http://169.254.169.254/x' }, 'ref.unresolved'],
  ['a circle that never ends', { $ref: '#' }, 'ref.circular'],
  ['no schema', { type: 'text' }, 'schema.not-a-schema'],
  ['too much nesting', Array.from({ length: 600 }).reduce<object>((items) => ({ items }), {}), 'schema.too-deep'],
])('%s is a finding', (_, schema, code) => {
  expect(typescriptOf(schema as JsonSchema, { name: 'T' })).toEqual({ findings: [expect.objectContaining({ code })] })
})

function textOf(schema: JsonSchema, name: string): string {
  const { text, findings } = typescriptOf(schema, { name })
  return text ?? JSON.stringify(findings)
}

function tagged(name: string, values: number): JsonSchema {
  return {
    oneOf: Array.from({ length: values }, (_, i) => ({ properties: { [name]: { const: i } }, required: [name] })),
  }
}
