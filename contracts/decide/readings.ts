import { isObject, type Json } from '../json.ts'
import { isSchemaShaped, type JsonSchema, subschemasOf } from '../schema/keywords.ts'
import { assembleSchema, type Schema } from '../schema/read.ts'

const VALIDATING = new Set(
  (
    'type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format items ' +
    'additionalItems contains minItems maxItems uniqueItems properties patternProperties additionalProperties propertyNames ' +
    'required minProperties maxProperties dependencies allOf anyOf oneOf not if then else'
  ).split(' '),
)

/**
 * In draft-07 the specification ignores what stands beside `$ref`, and ajv, as most validators, does not. The schema as the
 * specification reads it; undefined where both read it alike.
 */
export function asSpecified(schema: Schema): Schema | undefined {
  if (schema.dialect !== 'draft-07' || !schema.references.places.some((place) => hasSiblings(place.schema)))
    return undefined
  const root = withoutSiblings(schema.root)
  return isSchemaShaped(root) ? assembleSchema(root, schema.dialect, schema.inexact) : undefined
}

function hasSiblings(schema: JsonSchema): boolean {
  return (
    isObject(schema) &&
    typeof schema.$ref === 'string' &&
    Object.keys(schema).some((keyword) => VALIDATING.has(keyword))
  )
}

function withoutSiblings(value: Json): Json {
  if (!isSchemaShaped(value) || typeof value === 'boolean') return value
  const isReference = typeof value.$ref === 'string'
  const copy: { [keyword: string]: Json } = {}
  for (const [keyword, member] of Object.entries(value))
    if (!isReference || !VALIDATING.has(keyword)) copy[keyword] = member
  for (const keyword of new Set(subschemasOf(copy).map((child) => child.keyword))) {
    const home = copy[keyword] ?? null
    copy[keyword] = Array.isArray(home)
      ? home.map(withoutSiblings)
      : MAPS.has(keyword)
        ? mapOf(home)
        : withoutSiblings(home)
  }
  return copy
}

const MAPS = new Set(['properties', 'patternProperties', 'dependencies', '$defs', 'definitions'])

function mapOf(home: Json): Json {
  return isObject(home)
    ? Object.fromEntries(Object.entries(home).map(([name, member]) => [name, withoutSiblings(member)]))
    : home
}
