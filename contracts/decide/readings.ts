import { isObject } from '../json.ts'
import { type JsonSchema, mapSubschemas } from '../schema/keywords.ts'
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
  return assembleSchema(withoutSiblings(schema.root), schema.dialect, schema.inexact)
}

function hasSiblings(schema: JsonSchema): boolean {
  return (
    isObject(schema) &&
    typeof schema.$ref === 'string' &&
    Object.keys(schema).some((keyword) => VALIDATING.has(keyword))
  )
}

function withoutSiblings(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const kept = Object.entries(schema).filter(([keyword]) => typeof schema.$ref !== 'string' || !VALIDATING.has(keyword))
  return mapSubschemas(Object.fromEntries(kept), withoutSiblings)
}
