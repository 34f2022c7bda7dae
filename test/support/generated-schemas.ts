import { isObject, type Json, type JsonObject } from '../../contracts/json.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import { readSchema } from '../../contracts/schema/read.ts'
import { mutate } from './mutated-schema.ts'
import { fc } from './property.ts'
import { seededRandom } from './random.ts'

/** A writer and a reader, most often related as two versions of one contract are. */
export type Pair = { readonly writer: JsonSchema; readonly reader: JsonSchema }

const NAMES = ['a', 'b', 'c', 'ab', 'x-1', 'toString']
const PATTERNS = ['^a', 'b$', '^[a-z]*$', '^(a|b)+$', '^.{2,4}$', '^[A-Z]{2}$', 'a', '^\\d+$', '^[^a]*$', '^x-']
const NAME_PATTERNS = ['^a', '^x-', 'b$', '^.*$', '^[a-c]$', '']
const FORMATS = ['date-time', 'date', 'uuid', 'email', 'ipv4', 'no-such-format']
const VALUES: readonly Json[] = [null, true, false, 0, 1, 2, -1, 1.5, '', 'a', 'b', 'ab', 'cats', [], [1], {}, { a: 1 }]
const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']

const small = fc.integer({ min: 0, max: 4 })
const bound = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(0.5, 1.25, -0.1, 100))
const names = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 })

type Keywords = { readonly [keyword: string]: fc.Arbitrary<Json> }

/** Each keyword is there once in so many times, and at least one is; with all of them a schema would allow nothing. */
function sparse(keywords: Keywords, oneIn: number, always: Keywords = {}): fc.Arbitrary<JsonObject> {
  const optional = Object.entries(keywords).map(([keyword, values]) =>
    fc.oneof(
      { weight: oneIn - 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: values.map((value) => [[keyword, value]]) },
    ),
  )
  const fixed = Object.entries(always).map(([keyword, values]) => values.map((value) => [[keyword, value]]))
  return fc
    .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), ...fixed, ...optional)
    .map(([luck, ...entries]) => ordered(Object.fromEntries(entries.flat() as [string, Json][]), luck > 0))
}

const COUNTS = ['Length', 'Items', 'Properties', 'Contains', 'imum']

/** Lower bounds below upper ones, most of the time. */
function ordered(schema: JsonObject, isFair: boolean): JsonObject {
  const swapped: { [keyword: string]: Json } = { ...schema }
  for (const [low, high] of COUNTS.map((count) => [`min${count}`, `max${count}`] as const))
    if (isFair && Number(schema[low]) > Number(schema[high])) {
      swapped[low] = schema[high] ?? 0
      swapped[high] = schema[low] ?? 0
    }
  return swapped
}

const numbers = sparse(
  {
    minimum: bound,
    maximum: bound,
    exclusiveMinimum: fc.integer({ min: -3, max: 2 }),
    exclusiveMaximum: fc.integer({ min: 3, max: 12 }),
    multipleOf: fc.constantFrom(1, 2, 3, 4, 0.5, 0.1, 0.01, 5, 10),
  },
  3,
  { type: fc.constantFrom('number', 'integer') },
)
const texts = sparse(
  {
    minLength: small,
    maxLength: fc.integer({ min: 0, max: 6 }),
    pattern: fc.constantFrom(...PATTERNS),
    format: fc.constantFrom(...FORMATS),
  },
  3,
  { type: fc.constant('string') },
)
const literals = fc.oneof(
  fc.constantFrom(...VALUES).map((value) => ({ const: value })),
  fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 6 }).map((list) => ({ enum: list })),
  fc
    .uniqueArray(fc.constantFrom('a', 'b', 'ab', 'cats'), { minLength: 1 })
    .map((list) => ({ type: 'string', enum: list })),
)
const types = fc.oneof(
  fc.constantFrom(...TYPES).map((type) => ({ type })),
  fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 3 }).map((type) => ({ type })),
)
const references = fc.constantFrom({ $ref: '#/$defs/d' }, { $ref: '#/$defs/e' }, { $ref: '#' })
/** Without a type, bounds say nothing of values of other types. */
const untyped = fc
  .tuple(fc.oneof(numbers, texts), fc.oneof(numbers, texts))
  .map(([one, other]) => withoutType({ ...one, ...other }))

function withoutType(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== 'type'))
}

/** In the reading of the untagged dialect: a list of `items` describes the first ones. */
const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => {
  const schema = tie('schema')
  const list = fc.array(schema, { minLength: 1, maxLength: 3 })
  const named = fc.dictionary(fc.constantFrom(...NAMES), schema, { maxKeys: 3, noNullPrototype: true })
  const openness = fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: schema })
  const object = fc.constant('object')
  const plainObjects = sparse({ required: names, additionalProperties: openness }, 2, {
    type: object,
    properties: named,
  })
  const objects = sparse(
    {
      type: object,
      properties: named,
      required: names,
      additionalProperties: openness,
      patternProperties: fc.dictionary(fc.constantFrom(...NAME_PATTERNS), schema, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      propertyNames: fc.oneof(texts, schema),
      minProperties: small,
      maxProperties: small,
      dependentRequired: fc.dictionary(fc.constantFrom(...NAMES), names, { maxKeys: 2, noNullPrototype: true }),
      dependentSchemas: fc.dictionary(fc.constantFrom(...NAMES), schema, { maxKeys: 1, noNullPrototype: true }),
      unevaluatedProperties: openness,
    },
    4,
  )
  const arrays = sparse(
    {
      items: fc.oneof(schema, list),
      additionalItems: openness,
      minItems: small,
      maxItems: small,
      uniqueItems: fc.boolean(),
      unevaluatedItems: openness,
    },
    3,
    { type: fc.constant('array') },
  )
  const searches = sparse({ items: schema, minContains: small, maxContains: small, maxItems: small }, 3, {
    type: fc.constant('array'),
    contains: schema,
  })
  const unions = fc.oneof(
    list.map((allOf) => ({ allOf })),
    list.map((anyOf) => ({ anyOf })),
    list.map((oneOf) => ({ oneOf })),
    schema.map((not) => ({ not })),
    sparse({ allOf: list, anyOf: list, oneOf: list, not: schema }, 3),
  )
  const conditions = sparse({ then: schema, else: schema }, 2, { if: schema })
  const mixed = fc
    .tuple(fc.oneof(plainObjects, objects, numbers, texts, arrays), fc.oneof(unions, conditions, references))
    .map(([own, more]) => ({ ...own, ...more }))
  const leaves = fc.oneof(types, types, numbers, texts, literals, references, untyped, fc.boolean())
  const inner = [plainObjects, plainObjects, plainObjects, objects, arrays, searches, unions, unions, conditions, mixed]
  return { schema: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaves, leaves, ...inner) }
})

const roots: fc.Arbitrary<JsonSchema> = fc
  .tuple(anySchema, anySchema, anySchema)
  .map(([root, d, e]) => (isObject(root) ? withDefinitions(root, d, e) : root))

/** Only the definitions that something refers to, so that failures are short. */
function withDefinitions(root: JsonObject, d: JsonSchema, e: JsonSchema): JsonObject {
  const text = JSON.stringify([root, d, e])
  const $defs = {
    ...(text.includes('#/$defs/d') ? { d } : {}),
    ...(text.includes('#/$defs/e') ? { e } : {}),
  }
  return Object.keys($defs).length > 0 ? { ...root, $defs } : root
}

const DIALECTS = ['untagged', 'untagged', 'untagged', '2020-12', '2020-12', 'draft-07'] as const
type Tag = (typeof DIALECTS)[number]

/** Readable schemas with every keyword of the supported drafts but dynamic references, unsatisfiable ones among them. */
export const schemas: fc.Arbitrary<JsonSchema> = fc
  .tuple(roots, fc.constantFrom(...DIALECTS))
  .map(([schema, tag]) => tagged(schema, tag))
  .filter(isReadable)

/** A writer and a reader: the reader most often a changed writer, sometimes the writer a changed reader, seldom strangers. */
export const pairs: fc.Arbitrary<Pair> = fc
  .tuple(roots, roots, fc.nat(), fc.integer({ min: 0, max: 9 }), fc.constantFrom(...DIALECTS))
  .map(([schema, stranger, seed, kind, tag]) => {
    const other = kind === 0 ? stranger : mutate(schema, seededRandom(seed), 1 + (seed % 3))
    const [writer, reader] = kind < 6 ? [schema, other] : [other, schema]
    return { writer: tagged(writer, tag), reader: tagged(reader, tag) }
  })
  .filter(({ writer, reader }) => isReadable(writer) && isReadable(reader))

/** Three versions, each a wider or narrower form of the one before. */
export const histories: fc.Arbitrary<readonly [JsonSchema, JsonSchema, JsonSchema]> = fc
  .tuple(roots, fc.nat(), fc.nat())
  .map(([first, one, two]): [JsonSchema, JsonSchema, JsonSchema] => {
    const second = mutate(first, seededRandom(one), 1)
    return [first, second, mutate(second, seededRandom(two), 1)]
  })
  .filter((versions) => versions.every(isReadable))

/** A schema, and it together with another one: where both hold, and where one of them does. */
export const combinations: fc.Arbitrary<{ readonly [part in 'one' | 'both' | 'either']: JsonSchema }> = fc
  .tuple(roots, roots.map(withoutReferences), fc.constantFrom(...DIALECTS))
  .map(([one, other, tag]) => ({
    one: tagged(one, tag),
    both: tagged(combined('allOf', one, other), tag),
    either: tagged(combined('anyOf', one, other), tag),
  }))
  .filter(({ one, both }) => isReadable(one) && isReadable(both))

/** The first schema moves among the definitions, so that `#` goes on to mean it. */
function combined(keyword: string, one: JsonSchema, other: JsonSchema): JsonSchema {
  const { $defs, ...rest } = isObject(one) ? one : { allOf: [one] }
  const whole = JSON.parse(JSON.stringify({ ...(isObject($defs) ? $defs : {}), w: rest }, toMoved)) as JsonObject
  return { [keyword]: [{ $ref: '#/$defs/w' }, other], $defs: whole }
}

function toMoved(key: string, value: unknown): unknown {
  return key === '$ref' && value === '#' ? '#/$defs/w' : value
}

function withoutReferences(schema: JsonSchema): JsonSchema {
  const plain = JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === '$ref' ? undefined : value)),
  ) as JsonSchema
  return isObject(plain) ? Object.fromEntries(Object.entries(plain).filter(([key]) => key !== '$defs')) : plain
}

function isReadable(schema: JsonSchema): boolean {
  return readSchema(schema).findings === undefined
}

const URIS = {
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
} as const

/** The schema in the words of a dialect. */
function tagged(schema: JsonSchema, tag: Tag): JsonSchema {
  if (!isObject(schema) || tag === 'untagged') return schema
  const translated = translate(schema, tag === '2020-12' ? toLatest : toOldest)
  return { $schema: URIS[tag], ...(translated as JsonObject) }
}

/** Literals stand as they are; everything else that looks like an object is a schema or a map of schemas. */
function translate(value: Json, change: (schema: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return value.map((item) => translate(item as Json, change))
  if (!isObject(value)) return value
  const inner = Object.entries(value).map(([key, member]): [string, Json] => [
    key,
    key === 'const' || key === 'enum' ? member : translate(member, change),
  ])
  return change(Object.fromEntries(inner))
}

function toLatest({ items, additionalItems, ...rest }: JsonObject): JsonObject {
  if (!Array.isArray(items)) return { ...rest, ...(items === undefined ? {} : { items }) }
  return { ...rest, prefixItems: items, ...(additionalItems === undefined ? {} : { items: additionalItems }) }
}

const UNKNOWN_TO_DRAFT_07 = new Set(['minContains', 'maxContains', 'unevaluatedProperties', 'unevaluatedItems'])

/** Without what draft-07 does not know, and with `$ref` alone in its schema, where siblings would be ignored. */
function toOldest(schema: JsonObject): JsonObject {
  const { dependentRequired, dependentSchemas, $ref, $defs, ...more } = schema
  const rest = Object.fromEntries(Object.entries(more).filter(([keyword]) => !UNKNOWN_TO_DRAFT_07.has(keyword)))
  const dependencies = {
    ...(isObject(dependentRequired) ? dependentRequired : {}),
    ...(isObject(dependentSchemas) ? dependentSchemas : {}),
  }
  const known: JsonObject = {
    ...rest,
    ...(Object.keys(dependencies).length > 0 ? { dependencies } : {}),
    ...($defs === undefined ? {} : { $defs }),
  }
  if (typeof $ref !== 'string') return known
  if (Object.keys(known).length === 0) return { $ref }
  return { ...known, allOf: [{ $ref }, ...(Array.isArray(known.allOf) ? (known.allOf as readonly Json[]) : [])] }
}
