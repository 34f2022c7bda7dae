import type { Json, JsonObject } from '../../contracts/index.ts'
import type { Kind } from '../../contracts/wire/kinds.ts'
import { fc } from './property.ts'

/** A field of a generated contract: its schema, the kind that it must have on the wire, and values worth trying. */
export type GeneratedField = {
  readonly name: string
  readonly kind: Kind
  readonly schema: Json
  readonly required: boolean
  readonly nullable: boolean
  readonly values: fc.Arbitrary<unknown>
}

export type GeneratedContract = { readonly schema: JsonObject; readonly fields: readonly GeneratedField[] }

/**
 * Names that catch out careless code: members of every object, quotes, separators, reserved-looking and empty ones. Not a
 * lone backslash: after an object with such a member, JSON.parse of Node 26.10 reads the name "\n" as a backslash too.
 */
const NAMES = [
  'a',
  'option',
  'toString',
  'constructor',
  'hasOwnProperty',
  '',
  'a b',
  'a/b~c',
  '"',
  "'",
  '\n',
  'é',
  '💡',
  '_sid',
  'data',
  '0',
  '-1',
  '${x}',
]

const TEXTS = fc.oneof(
  fc.string({ maxLength: 12, unit: 'binary' }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    '',
    ' ',
    '0',
    'true',
    'null',
    '\u{1F4A1}\u{1F4A1}',
    '\ud800',
    'a\udc00',
    'cats',
    'dogs',
    'x'.repeat(9),
  ),
)
const INTEGERS = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 1, 7, 2 ** 53, -(2 ** 53), 1e21, 0.5, Number.NaN),
)
const NUMBERS = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 0.1, 1e21, 1e-7, 5e-324, 19.99, Number.POSITIVE_INFINITY),
)
const JSONS = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 3 }),
  fc.constantFrom([], {}, [-0], { x: Number.NaN }, ['\ud800'], [undefined], new Date(0), { x: undefined }, { x: 'y' }),
)

const kindsOfSchemas: {
  readonly kind: Kind
  readonly schema: fc.Arbitrary<JsonObject>
  readonly values: fc.Arbitrary<unknown>
}[] = [
  {
    kind: 'text',
    values: TEXTS,
    schema: fc
      .record({ minLength: fc.nat(4), maxLength: fc.integer({ min: 2, max: 9 }) }, { requiredKeys: [] })
      .map((bounds) => ({ type: 'string', ...bounds })),
  },
  {
    kind: 'text',
    values: TEXTS,
    schema: fc.constantFrom(
      { type: 'string', pattern: '^[a-z]*$' },
      { type: 'string', pattern: '.' },
      { type: 'string', format: 'no-such-format' },
    ),
  },
  {
    kind: 'text',
    values: fc.oneof(TEXTS, fc.constantFrom('cats', 'dogs')),
    schema: fc.constantFrom<JsonObject>(
      { enum: ['cats', 'dogs'] },
      { const: 'cats' },
      {
        anyOf: [
          { const: 'cats', type: 'string' },
          { const: 'dogs', type: 'string' },
        ],
      },
      { enum: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'cats'] },
    ),
  },
  {
    kind: 'text',
    values: fc.oneof(
      fc.uuid(),
      fc.uuid().map((id) => `urn:uuid:${id}`),
      fc.uuid().map((id) => id.toUpperCase()),
      fc.uuid().map((id) => id.replace('-', 'ŭ')),
      TEXTS,
    ),
    schema: fc.constant({ type: 'string', format: 'uuid' }),
  },
  {
    kind: 'text',
    values: fc.oneof(dateTimes(), TEXTS),
    schema: fc.constantFrom({ type: 'string', format: 'date-time' }, { type: 'string', format: 'date' }),
  },
  {
    kind: 'integer',
    values: INTEGERS,
    schema: fc
      .record({ minimum: fc.integer({ max: 10 }), exclusiveMaximum: fc.integer({ min: 0 }) }, { requiredKeys: [] })
      .map((bounds) => ({ type: 'integer', ...bounds })),
  },
  {
    kind: 'integer',
    values: INTEGERS,
    schema: fc.constantFrom<JsonObject>({ enum: [0, 1, 7] }, { type: 'integer', multipleOf: 7 }, { const: 7 }),
  },
  {
    kind: 'number',
    values: NUMBERS,
    schema: fc
      .record(
        { maximum: fc.double({ noNaN: true, noDefaultInfinity: true }), exclusiveMinimum: fc.integer() },
        { requiredKeys: [] },
      )
      .map((bounds) => ({ type: 'number', ...bounds })),
  },
  {
    kind: 'number',
    values: NUMBERS,
    schema: fc.constantFrom<JsonObject>({ enum: [0, 0.1] }, { type: ['integer', 'number'] }),
  },
  {
    kind: 'boolean',
    values: fc.oneof(fc.boolean(), TEXTS),
    schema: fc.constantFrom<JsonObject>({ type: 'boolean' }, { const: true }, { enum: [false, true] }),
  },
  {
    kind: 'json',
    values: JSONS,
    schema: fc.constantFrom<JsonObject>(
      { type: 'array' },
      { type: 'object' },
      { type: ['array', 'object'] },
      { type: 'array', items: { type: 'number' }, maxItems: 2 },
      { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] },
      { $ref: '#/$defs/list' },
    ),
  },
]

function dateTimes(): fc.Arbitrary<string> {
  const dates = fc
    .date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') })
    .map((date) => date.toISOString())
  const odd = [
    '2024-02-29T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-02-30T10:00:00.5Z',
    '2024-12-31T23:59:60Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01t00:00:00z',
    '2024-01-01T00:00:00+01:00',
    '2024-01-01T00:00:00.Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T00:00:0aZ',
    '2024-01-01',
  ]
  return fc.oneof(dates, fc.constantFrom(...odd))
}

const field = fc
  .tuple(fc.constantFrom(...kindsOfSchemas), fc.boolean(), fc.boolean())
  .chain(([{ kind, schema, values }, required, nullable]) =>
    schema.map((plain) => ({
      kind,
      required,
      nullable: required && nullable,
      schema: required && nullable ? { anyOf: [plain, { type: 'null' }] } : plain,
      values: fc.oneof(
        { weight: 8, arbitrary: values },
        { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'x', 1, true, [], {}) },
      ),
    })),
  )

/** Contracts of one object with fields of every kind; at least one is always there, so that a writer can keep it. */
export const contracts: fc.Arbitrary<GeneratedContract> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), field), { minLength: 1, maxLength: 6, selector: ([name]) => name })
  .chain((named) => fc.tuple(fc.constant(named), fc.constantFrom<JsonObject>({}, { additionalProperties: false })))
  .map(([named, closed]) => {
    const fields = [ALWAYS, ...named.map(([name, rest]) => ({ name, ...rest }))]
    const schema = objectOf(fields, closed)
    return { fields, schema, [fc.toStringMethod]: () => JSON.stringify(schema) }
  })

const ALWAYS: GeneratedField = {
  name: 'always',
  kind: 'boolean',
  schema: { type: 'boolean' },
  required: true,
  nullable: false,
  values: fc.boolean(),
}

function objectOf(fields: readonly GeneratedField[], closed: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
    ...closed,
    $defs: { list: { type: 'array', items: { type: ['string', 'null'] } } },
  }
}

/** Messages for a contract: many right, many wrong in one place. */
export function messagesFor({ fields }: GeneratedContract): fc.Arbitrary<{ [name: string]: unknown }> {
  const members = fields.map(({ name, values, required }) =>
    fc.tuple(
      fc.constant(name),
      values,
      fc.integer({ min: 0, max: 9 }).map((n) => n < (required ? 9 : 6)),
    ),
  )
  const extra = fc.tuple(
    fc.constantFrom('extra', 'always'),
    fc.constant<unknown>('text'),
    fc.constantFrom(false, false, false, true),
  )
  return fc
    .tuple(...members, extra)
    .map((all) => Object.fromEntries(all.filter(([, , isThere]) => isThere).map(([name, value]) => [name, value])))
}

/** Entries for a contract: the texts of a message, in any order, some replaced, dropped, doubled or joined by others. */
export function entriesFor({ fields }: GeneratedContract): fc.Arbitrary<string[]> {
  const odd = fc.constantFrom(
    '',
    '0',
    '-0',
    '00',
    '0x10',
    ' 1',
    '1 ',
    '1e3',
    '1.0',
    '.5',
    '5.',
    '-',
    '+1',
    '1_0',
    '9007199254740991',
    '9007199254740992',
    '12345678901234567890',
    '1e400',
    '-12.50',
    '0.1',
    '100000000000000.1',
    '123456789012345.6',
    'true',
    'TRUE',
    'null',
    '[]',
    '{}',
    '[1,2]',
    '["a",null]',
    '{"x":"y"}',
    '{bad',
    'cats',
  )
  const member = ({ name, values }: GeneratedField) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof({ weight: 3, arbitrary: values.map(textOf) }, { weight: 1, arbitrary: odd }),
      fc.integer({ min: 0, max: 11 }),
    )
  const others = fc.array(fc.tuple(fc.constantFrom('other', 'another', '__proto__', 'always'), odd), { maxLength: 2 })
  return fc.tuple(fc.tuple(...fields.map(member)), others, fc.boolean()).chain(([members, extra, isShuffled]) => {
    const pairs = [
      ...members.filter(([, , n]) => n > 0).map(([name, text]) => [name, text]),
      ...(isShuffled ? extra : []),
    ]
    return (isShuffled ? fc.shuffledSubarray(pairs, { minLength: pairs.length }) : fc.constant(pairs)).map((list) =>
      list.flat(),
    )
  })
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
