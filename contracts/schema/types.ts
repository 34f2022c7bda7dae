import { isObject, type Json } from '../json.ts'
import { isSchemaShaped, type JsonSchema } from './keywords.ts'
import type { References, Target } from './references.ts'

/** The JSON types as bits; `integer` and `fraction` together are `number`. */
export const TYPE = { null: 1, boolean: 2, integer: 4, fraction: 8, string: 16, array: 32, object: 64 } as const
export const ANY_TYPE = 127

const BITS: { readonly [type: string]: number } = { ...TYPE, number: TYPE.integer | TYPE.fraction }

/** The names of a set of types, for people. */
export function typeNames(types: number): string[] {
  return Object.entries(TYPE).flatMap(([name, bit]) => (types & bit ? [name === 'fraction' ? 'number' : name] : []))
}

/** Which types a value of this schema can have at most. `not`, `if` and what lies inside the value are not considered. */
export function possibleTypes(target: Target, references: References, known = new Map<string, number>()): number {
  const found = known.get(target.pointer) ?? computeTypes(target, references, known)
  // remembered, since references can double a small schema into a huge tree
  known.set(target.pointer, found)
  return found
}

function computeTypes(target: Target, references: References, known: Map<string, number>): number {
  const { schema } = target
  if (typeof schema === 'boolean') return schema ? ANY_TYPE : 0
  const own =
    declaredTypes(schema.type) &
    typesOfValues(schema.enum) &
    typesOfValues('const' in schema ? [schema.const ?? null] : undefined)
  return conditionsOf(target, references).reduce(
    (types, alternatives) =>
      types & alternatives.reduce((sum, branch) => sum | possibleTypes(branch, references, known), 0),
    own,
  )
}

/**
 * What a schema demands of the same value beside its own keywords, as a conjunction of alternatives: one for each allOf
 * branch and reference, several for anyOf and oneOf, both arms for a condition.
 */
export function conditionsOf({ schema, pointer }: Target, references: References): Target[][] {
  if (typeof schema === 'boolean') return []
  const followed = typeof schema.$ref === 'string' ? references.follow(schema.$ref, pointer) : undefined
  const arms = [schema.then, schema.else].map((arm, i) => ({
    schema: arm ?? true,
    pointer: `${pointer}/${i ? 'else' : 'then'}`,
  }))
  return [
    ...listOf(schema.allOf, `${pointer}/allOf`).map((branch) => [branch]),
    ...(followed ? [[followed]] : []),
    ...[listOf(schema.anyOf, `${pointer}/anyOf`), listOf(schema.oneOf, `${pointer}/oneOf`)].filter(
      (branches) => branches.length > 0,
    ),
    ...(schema.if === undefined ? [] : [arms.filter(isTarget)]),
  ]
}

function listOf(branches: Json | undefined, pointer: string): Target[] {
  return Array.isArray(branches)
    ? branches.map((schema, i) => ({ schema, pointer: `${pointer}/${i}` })).filter(isTarget)
    : []
}

function isTarget(candidate: { schema: Json; pointer: string }): candidate is { schema: JsonSchema; pointer: string } {
  return isSchemaShaped(candidate.schema)
}

/** The types that a `type` keyword names. */
export function declaredTypes(type: Json | undefined): number {
  if (type === undefined) return ANY_TYPE
  return (Array.isArray(type) ? type : [type]).reduce((bits: number, name) => bits | (BITS[String(name)] ?? 0), 0)
}

function typesOfValues(values: Json | undefined): number {
  return Array.isArray(values) ? values.reduce((bits: number, value) => bits | typeOf(value), 0) : ANY_TYPE
}

/** The type of one value, as a bit. */
export function typeOf(value: Json): number {
  if (value === null) return TYPE.null
  if (typeof value === 'number') return Number.isInteger(value) ? TYPE.integer : TYPE.fraction
  if (isObject(value)) return TYPE.object
  return Array.isArray(value) ? TYPE.array : (BITS[typeof value] ?? 0)
}
