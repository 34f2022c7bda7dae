import type { Json, JsonObject } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import { declaredTypes } from '../schema/types.ts'
import type { Node, plainNode } from './node.ts'

/** What a schema's keywords say without the help of other schemas. */
export function ownParts(schema: JsonObject): Parameters<typeof plainNode>[2] {
  const values = [schema.enum, 'const' in schema ? [schema.const ?? null] : undefined].filter((list) =>
    Array.isArray(list),
  )
  return {
    types: declaredTypes(schema.type),
    values: intersection(values),
    number: numberPart(schema),
    string: {
      minLength: numberOr(schema.minLength, 0),
      maxLength: numberOr(schema.maxLength, Number.POSITIVE_INFINITY),
      pattern: typeof schema.pattern === 'string' ? schema.pattern : undefined,
      regex: typeof schema.pattern === 'string' ? new RegExp(schema.pattern, 'u') : undefined,
      format: typeof schema.format === 'string' ? schema.format : undefined,
    },
    array: {
      minItems: numberOr(schema.minItems, 0),
      maxItems: numberOr(schema.maxItems, Number.POSITIVE_INFINITY),
      isUnique: schema.uniqueItems === true,
    },
    object: {
      minProperties: numberOr(schema.minProperties, 0),
      maxProperties: numberOr(schema.maxProperties, Number.POSITIVE_INFINITY),
      required: Array.isArray(schema.required) ? schema.required.map(String) : [],
    },
  }
}

function intersection(lists: readonly (readonly Json[])[]): readonly Json[] | undefined {
  const [first, ...others] = lists
  return first?.filter((value) =>
    others.every((list) => list.some((other) => canonicalJson(other) === canonicalJson(value))),
  )
}

/** The formats about numbers are bounds by another name. */
export const NUMBER_FORMATS: { readonly [format: string]: JsonObject } = {
  int32: { minimum: -(2 ** 31), maximum: 2 ** 31 - 1, multipleOf: 1 },
  int64: { multipleOf: 1 },
}

function numberPart(schema: JsonObject): Node['number'] {
  const format =
    typeof schema.format === 'string' && Object.hasOwn(NUMBER_FORMATS, schema.format)
      ? NUMBER_FORMATS[schema.format]
      : undefined
  const own = boundsOf(schema)
  if (!format) return own
  const bounds = boundsOf(format)
  return {
    ...own,
    ...(bounds.minimum > own.minimum ? { minimum: bounds.minimum, isMinimumOpen: false } : {}),
    ...(bounds.maximum < own.maximum ? { maximum: bounds.maximum, isMaximumOpen: false } : {}),
    multipleOf: own.multipleOf ?? bounds.multipleOf,
  }
}

function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonObject): Node['number'] {
  const [low, openLow] = [
    numberOr(minimum, Number.NEGATIVE_INFINITY),
    numberOr(exclusiveMinimum, Number.NEGATIVE_INFINITY),
  ]
  const [high, openHigh] = [
    numberOr(maximum, Number.POSITIVE_INFINITY),
    numberOr(exclusiveMaximum, Number.POSITIVE_INFINITY),
  ]
  return {
    minimum: Math.max(low, openLow),
    isMinimumOpen: openLow >= low && typeof exclusiveMinimum === 'number',
    maximum: Math.min(high, openHigh),
    isMaximumOpen: openHigh <= high && typeof exclusiveMaximum === 'number',
    multipleOf: typeof multipleOf === 'number' ? multipleOf : undefined,
  }
}

export function numberOr(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
