import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'

/** A JSON Schema: an object of keywords, or one of the two boolean schemas. */
export type JsonSchema = JsonObject | boolean

/**
 * Where subschemas stand, and what they speak of: `here` the same value as their parent (so a cycle through them never
 * ends), `inside` a part of it, `nowhere` nothing until something refers to them.
 */
type Home = { readonly form: 'one' | 'list' | 'map'; readonly about: 'here' | 'inside' | 'nowhere' }

const HOMES: { readonly [keyword: string]: Home } = {
  allOf: { form: 'list', about: 'here' },
  anyOf: { form: 'list', about: 'here' },
  oneOf: { form: 'list', about: 'here' },
  not: { form: 'one', about: 'here' },
  if: { form: 'one', about: 'here' },
  then: { form: 'one', about: 'here' },
  else: { form: 'one', about: 'here' },
  dependentSchemas: { form: 'map', about: 'here' },
  dependencies: { form: 'map', about: 'here' },
  properties: { form: 'map', about: 'inside' },
  patternProperties: { form: 'map', about: 'inside' },
  additionalProperties: { form: 'one', about: 'inside' },
  unevaluatedProperties: { form: 'one', about: 'inside' },
  propertyNames: { form: 'one', about: 'inside' },
  items: { form: 'one', about: 'inside' },
  prefixItems: { form: 'list', about: 'inside' },
  additionalItems: { form: 'one', about: 'inside' },
  unevaluatedItems: { form: 'one', about: 'inside' },
  contains: { form: 'one', about: 'inside' },
  contentSchema: { form: 'one', about: 'nowhere' },
  $defs: { form: 'map', about: 'nowhere' },
  definitions: { form: 'map', about: 'nowhere' },
}

export type Subschema = {
  readonly schema: JsonSchema
  readonly pointer: string
  readonly keyword: string
  readonly about: Home['about']
}

/** The subschemas that stand directly in a schema, in the order of its keywords. */
export function subschemasOf(schema: JsonSchema, pointer = ''): Subschema[] {
  if (typeof schema === 'boolean') return []
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const home = Object.hasOwn(HOMES, keyword) ? HOMES[keyword] : undefined
    return home === undefined ? [] : inHome(home, keyword, value, pointerTo(pointer, keyword))
  })
}

function inHome({ form, about }: Home, keyword: string, value: Json, pointer: string): Subschema[] {
  // `items` may be a list up to 2019-09; `dependencies` may map to lists of names, which are no schemas
  const many = form === 'map' || Array.isArray(value)
  const found: [string, Json][] =
    many && typeof value === 'object' && value !== null ? Object.entries(value) : [['', value]]
  return found.flatMap(([step, schema]) =>
    isSchemaShaped(schema) ? [{ schema, keyword, about, pointer: many ? pointerTo(pointer, step) : pointer }] : [],
  )
}

/** The schema with each of the subschemas that stand directly in it changed. */
export function mapSubschemas(schema: JsonObject, change: (child: JsonSchema) => Json): { [keyword: string]: Json } {
  const changed = (value: Json): Json => (isSchemaShaped(value) ? change(value) : value)
  const copy: { [keyword: string]: Json } = { ...schema }
  for (const [keyword, value] of Object.entries(schema)) {
    const home = Object.hasOwn(HOMES, keyword) ? HOMES[keyword] : undefined
    if (Array.isArray(value)) copy[keyword] = home ? value.map(changed) : value
    else if (home?.form === 'map' && isObject(value)) copy[keyword] = mapMembers(value, changed)
    else if (home) copy[keyword] = changed(value)
  }
  return copy
}

function mapMembers(members: JsonObject, change: (member: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]))
}

export function isSchemaShaped(value: Json | undefined): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value)
}
