import { isObject } from '../json.ts'
import { type JsonSchema, mapSubschemas } from '../schema/keywords.ts'
import { mentionsNullable, nullableAsType, withoutNullable } from '../schema/nullable.ts'
import { assembleSchema, type Schema } from '../schema/read.ts'

const VALIDATING = new Set(
  (
    'type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format items ' +
    'additionalItems contains minItems maxItems uniqueItems properties patternProperties additionalProperties propertyNames ' +
    'required minProperties maxProperties dependencies allOf anyOf oneOf not if then else'
  ).split(' '),
)

/** A schema as it was read, with its own text where that is another. */
export type Reading = Schema & { readonly asWritten?: JsonSchema }

/** The schema as ajv reads it, which all that runs here goes by. */
export function asValidated(schema: Schema): Reading {
  if (!mentionsNullable(schema.canonical)) return schema
  return { ...assembleSchema(nullableAsType(schema.root), schema.dialect, schema.inexact), asWritten: schema.root }
}

/**
 * The schema as the specification reads it; undefined where both read it alike. In draft-07 it ignores what stands beside
 * `$ref`, and nowhere does it know `nullable`; ajv, as most validators, goes by both.
 */
export function asSpecified(schema: Reading): Schema | undefined {
  const { dialect, references, asWritten, inexact } = schema
  const ignoresSiblings = dialect === 'draft-07' && references.places.some((place) => hasSiblings(place.schema))
  if (!ignoresSiblings && asWritten === undefined) return undefined
  const root = withoutNullable(asWritten ?? schema.root)
  return assembleSchema(ignoresSiblings ? withoutSiblings(root) : root, dialect, inexact)
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
