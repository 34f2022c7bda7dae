import { isObject, type Json, type JsonObject } from '../../contracts/json.ts'
import { type JsonSchema, subschemasOf } from '../../contracts/schema/keywords.ts'
import type { Random } from './random.ts'

/** The schema after some changes of the kind that people make to contracts, and some that only say the same otherwise. */
export function mutate(schema: JsonSchema, random: Random, changes: number): JsonSchema {
  let changed = schema
  for (let i = 0; i < changes; i++) {
    const places = placesOf(changed)
    const place = random.isHit(0.3) ? '' : random.pick(places)
    changed = replaceAt(changed, place, (found) => changeOnce(found, changed, place, random))
  }
  return changed
}

function placesOf(schema: JsonSchema): string[] {
  const places: string[] = []
  const visit = (at: JsonSchema, pointer: string): void => {
    places.push(pointer)
    for (const child of subschemasOf(at, pointer)) visit(child.schema, child.pointer)
  }
  visit(schema, '')
  return places
}

function replaceAt(schema: JsonSchema, pointer: string, change: (found: JsonSchema) => JsonSchema): JsonSchema {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const replace = (value: Json, depth: number): Json => {
    const step = steps[depth]
    if (step === undefined) return change(value as JsonSchema)
    if (Array.isArray(value))
      return value.map((item, i) => (String(i) === step ? replace(item as Json, depth + 1) : (item as Json)))
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([key, member]) => [
        key,
        key === step ? replace(member, depth + 1) : member,
      ]),
    )
  }
  return replace(schema, 0) as JsonSchema
}

type Context = { readonly root: JsonSchema; readonly place: string; readonly random: Random }
type Change = (schema: JsonObject, context: Context) => JsonSchema | undefined

/** Tries changes until one applies; a boolean schema is turned round or opened a little. */
function changeOnce(schema: JsonSchema, root: JsonSchema, place: string, random: Random): JsonSchema {
  if (typeof schema === 'boolean') return random.pick<JsonSchema>([!schema, { type: 'string' }, { allOf: [schema] }])
  for (let tries = 0; tries < 12; tries++) {
    const { $defs, ...rest } = schema
    const changed = random.pick(CHANGES)(place === '' ? rest : schema, { root, place, random })
    if (changed === undefined) continue
    return place === '' && $defs !== undefined ? keepDefinitions(changed, $defs) : changed
  }
  return { ...schema, title: 'changed' }
}

function keepDefinitions(schema: JsonSchema, $defs: Json): JsonSchema {
  return isObject(schema) ? { ...schema, $defs } : { ...(schema ? {} : { not: {} }), $defs }
}

const dropKeyword: Change = (schema, { random }) => {
  const keywords = Object.keys(schema).filter((keyword) => keyword !== '$defs')
  if (keywords.length === 0) return undefined
  return without(schema, random.pick(keywords))
}

const addKeyword: Change = (schema, { random }) => ({ ...random.pick(ADDITIONS), ...schema })

const ADDITIONS: readonly JsonObject[] = [
  { minimum: 0 },
  { maximum: 10 },
  { exclusiveMaximum: 3 },
  { multipleOf: 2 },
  { minLength: 1 },
  { maxLength: 3 },
  { pattern: '^a' },
  { format: 'date' },
  { required: ['a'] },
  { additionalProperties: false },
  { properties: { a: { type: 'string' } } },
  { properties: { b: true, c: { type: 'integer' } } },
  { minProperties: 1 },
  { maxProperties: 2 },
  { propertyNames: { maxLength: 2 } },
  { patternProperties: { '^a': { type: 'string' } } },
  { dependentRequired: { a: ['b'] } },
  { minItems: 1 },
  { maxItems: 2 },
  { uniqueItems: true },
  { contains: { type: 'string' } },
  { items: { type: ['string', 'integer'] } },
  { not: { type: 'null' } },
  { enum: ['a', 'b', 1, 2, null] },
  { type: ['string', 'number', 'object'] },
  { if: { required: ['a'] }, then: { required: ['b'] } },
  { description: 'a remark' },
]

const NUMERIC = [
  ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ['minProperties', 'maxProperties', 'minContains', 'maxContains'],
].flat()

const shiftBound: Change = (schema, { random }) => {
  const found = NUMERIC.filter((keyword) => typeof schema[keyword] === 'number')
  if (found.length === 0) return undefined
  const keyword = random.pick(found)
  const shifted = Number(schema[keyword]) + random.pick([1, -1])
  return { ...schema, [keyword]: /mum$/i.test(keyword) ? shifted : Math.max(0, shifted) }
}

const scaleMultiple: Change = (schema, { random }) =>
  typeof schema.multipleOf === 'number'
    ? { ...schema, multipleOf: random.pick([schema.multipleOf * 2, schema.multipleOf / 2, 1]) }
    : undefined

const changeType: Change = (schema, { random }) => {
  if (schema.type === undefined) return undefined
  const list = [schema.type].flat().map(String)
  const extra = random.pick(['null', 'string', 'integer', 'number', 'object'])
  const changes = [[...new Set([...list, extra])], list.slice(1), list.map((type) => SWAPPED[type] ?? type)]
  const type = [...new Set(random.pick(changes))]
  return type.length === 0 ? without(schema, 'type') : { ...schema, type }
}

const SWAPPED: { readonly [type: string]: string } = { integer: 'number', number: 'integer' }

const changeEnum: Change = (schema, { random }) => {
  const values = Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const ?? null] : undefined
  if (values === undefined) return undefined
  const rest = without(without(schema, 'const'), 'enum')
  const added = random.pick<Json>(['dogs', 3, false])
  const list = values.length > 1 && random.isHit(0.5) ? values.slice(1) : [...values.filter((v) => v !== added), added]
  return random.isHit(0.7)
    ? { ...rest, enum: list }
    : { ...rest, anyOf: list.map((value) => ({ const: value as Json })) }
}

const changeRequired: Change = (schema, { random }) => {
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  const declared = isObject(schema.properties) ? Object.keys(schema.properties) : []
  const addable = declared.filter((name) => !required.includes(name))
  if (required.length > 0 && random.isHit(0.5)) return { ...schema, required: required.slice(1) }
  return addable.length > 0 ? { ...schema, required: [...required, random.pick(addable)] } : undefined
}

const changeProperties: Change = (schema, { random }) => {
  if (!isObject(schema.properties)) return undefined
  const entries = Object.entries(schema.properties)
  if (entries.length === 0 || random.isHit(0.3)) {
    const added = random.pick<JsonSchema>([true, { type: 'string' }, { type: 'integer', minimum: 0 }])
    return { ...schema, properties: { ...schema.properties, [random.pick(['a', 'b', 'new'])]: added } }
  }
  const [name] = random.pick(entries)
  return random.isHit(0.5)
    ? { ...schema, properties: Object.fromEntries(entries.filter(([key]) => key !== name)) }
    : renameProperty(schema, name, `${name}2`)
}

function renameProperty(schema: JsonObject, from: string, to: string): JsonObject {
  const properties = Object.entries(schema.properties as JsonObject).map(([key, value]): [string, Json] => [
    key === from ? to : key,
    value,
  ])
  const required = Array.isArray(schema.required)
    ? schema.required.map((name) => (name === from ? to : String(name)))
    : []
  return {
    ...schema,
    properties: Object.fromEntries(properties),
    ...(schema.required === undefined ? {} : { required }),
  }
}

const openOrClose: Change = (schema) =>
  schema.properties === undefined
    ? undefined
    : schema.additionalProperties === undefined
      ? { ...schema, additionalProperties: false }
      : without(schema, 'additionalProperties')

const wrap: Change = (schema, { random }) =>
  random.pick<JsonSchema>([
    { allOf: [schema] },
    { allOf: [schema, true] },
    { allOf: [schema, { not: { const: 'never' } }] },
    { anyOf: [schema] },
    { anyOf: [schema, { type: 'null' }] },
    { oneOf: [schema] },
    { oneOf: [schema, { const: 'other' }] },
    { not: { not: schema } },
    { if: { type: 'object' }, then: schema, else: schema },
    { if: schema, else: false },
    { if: { type: 'string' }, then: schema },
  ])

const splitInTwo: Change = (schema, { random }) => {
  const splits: [JsonSchema, JsonSchema][] = []
  const { properties, type, enum: values, minimum, maximum } = schema
  if (isObject(properties))
    for (const name of Object.keys(properties))
      splits.push([
        { ...schema, required: [...new Set([...requiredOf(schema), name])] },
        { ...schema, properties: { ...properties, [name]: random.isHit(0.9) ? false : (properties[name] ?? true) } },
      ])
  if (Array.isArray(type) && type.length > 1)
    splits.push([
      { ...schema, type: type.slice(0, 1) },
      { ...schema, type: type.slice(1) },
    ])
  if (Array.isArray(values) && values.length > 1)
    splits.push([
      { ...schema, enum: values.slice(0, 1) },
      { ...schema, enum: values.slice(1) },
    ])
  if (typeof minimum === 'number' && typeof maximum === 'number' && maximum - minimum > 1)
    splits.push([
      { ...schema, maximum: minimum + 1 },
      { ...schema, ...(random.isHit(0.7) ? { exclusiveMinimum: minimum + 1 } : { minimum: minimum + 2 }) },
    ])
  if (schema.maxItems === undefined)
    splits.push([
      { ...schema, maxItems: 1 },
      { ...schema, minItems: Math.max(Number(schema.minItems ?? 0), random.pick([2, 2, 3])) },
    ])
  return { [random.pick(['anyOf', 'anyOf', 'oneOf'])]: random.pick(splits.length > 0 ? splits : [[schema, schema]]) }
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.map(String) : []
}

const inlineReference: Change = (schema, { root }) => {
  if (typeof schema.$ref !== 'string' || !isObject(root)) return undefined
  const $defs = isObject(root.$defs) ? root.$defs : {}
  const target = schema.$ref.startsWith('#/$defs/') ? $defs[schema.$ref.slice('#/$defs/'.length)] : undefined
  if (target === undefined) return undefined
  const rest = without(schema, '$ref')
  return Object.keys(rest).length === 0
    ? (target as JsonSchema)
    : { ...rest, allOf: [...(Array.isArray(rest.allOf) ? rest.allOf : []), target] }
}

const swapUnion: Change = (schema) => {
  if (Array.isArray(schema.anyOf) && schema.oneOf === undefined)
    return { ...without(schema, 'anyOf'), oneOf: schema.anyOf }
  return Array.isArray(schema.oneOf) && schema.anyOf === undefined
    ? { ...without(schema, 'oneOf'), anyOf: schema.oneOf }
    : undefined
}

const extendUnion: Change = (schema, { random }) => {
  const keyword = ['anyOf', 'oneOf', 'allOf'].find((name) => Array.isArray(schema[name]))
  if (keyword === undefined) return undefined
  const branches = schema[keyword] as readonly Json[]
  const added = random.pick<Json>([{ type: 'null' }, { const: 'new' }, { required: ['new'] }])
  return { ...schema, [keyword]: branches.length > 1 && random.isHit(0.5) ? branches.slice(1) : [...branches, added] }
}

const CHANGES: readonly Change[] = [
  [dropKeyword, dropKeyword, addKeyword, addKeyword, shiftBound, shiftBound, scaleMultiple],
  [changeType, changeEnum, changeRequired, changeProperties, changeProperties, openOrClose, openOrClose],
  [wrap, wrap, splitInTwo, inlineReference, inlineReference, swapUnion, extendUnion],
].flat()

function without(schema: JsonObject, keyword: string): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== keyword))
}
