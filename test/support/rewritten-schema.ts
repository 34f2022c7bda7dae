import { isObject, type Json, type JsonObject } from '../../contracts/json.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'

/** The same schema in other words: what it allows stays the same. */
export const REWRITES: { readonly [name: string]: (schema: JsonSchema) => JsonSchema } = {
  annotations: (schema) =>
    walk(schema, (found) => ({ title: 'a', ...found, description: 'b', default: 1, examples: [2] })),
  'the order of keys': (schema) => walk(schema, (found) => found, true),
  'references written out': (schema) => inlined(schema),
  'an allOf around it': wrapped,
}

/** Changes schemas from the inside out; literals stay as they are. */
function walk(schema: JsonSchema, change: (found: JsonObject) => JsonObject, isReversed = false): JsonSchema {
  const visit = (value: Json, isMap: boolean, home: string): Json => {
    if (Array.isArray(value)) return LISTS.has(home) ? value.map((item) => visit(item as Json, false, '')) : value
    if (!isObject(value)) return value
    const members = Object.entries(value).map(([key, member]): [string, Json] => {
      if (isMap) return [key, visit(member, false, '')]
      if (MAPS.has(key)) return [key, visit(member, true, key)]
      return [key, LISTS.has(key) || SINGLES.has(key) ? visit(member, false, key) : member]
    })
    const copy = Object.fromEntries(isReversed ? members.toReversed() : members)
    return isMap ? copy : change(copy)
  }
  return visit(schema, false, '') as JsonSchema
}

const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies', '$defs'])
const LISTS = new Set(['allOf', 'anyOf', 'oneOf', 'items', 'prefixItems'])
const SINGLES = new Set(
  [
    ['not', 'if', 'then', 'else', 'additionalProperties', 'propertyNames', 'additionalItems', 'contains'],
    ['unevaluatedProperties', 'unevaluatedItems'],
  ].flat(),
)

function inlined(schema: JsonSchema): JsonSchema {
  const $defs = isObject(schema) && isObject(schema.$defs) ? schema.$defs : {}
  return walk(schema, (found) => {
    const { $ref, ...rest } = found
    const target = typeof $ref === 'string' && $ref.startsWith('#/$defs/') ? $defs[$ref.slice(8)] : undefined
    if (target === undefined) return found
    return { ...rest, allOf: [...(Array.isArray(rest.allOf) ? (rest.allOf as readonly Json[]) : []), target] }
  })
}

function wrapped(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return { allOf: [schema] }
  const { $schema, $defs, ...rest } = schema
  return {
    ...($schema === undefined ? {} : { $schema }),
    allOf: [rest],
    ...($defs === undefined ? {} : { $defs }),
  }
}
