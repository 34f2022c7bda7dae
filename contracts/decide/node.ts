import type { Json } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { ANY_TYPE } from '../schema/types.ts'

/**
 * One schema, ready for the search: every draft's spelling brought to the same few parts, references followed. Nodes with
 * equal ids have equal meaning, in whichever document they stand.
 */
export type Node = {
  id: number
  /** Where it stands in its document, and what stands there. */
  readonly pointer: string
  readonly raw: JsonSchema
  /** Types that `type` allows, as bits. */
  readonly types: number
  /** Types that a value can have at most, all branches considered; the schema `false` has none. */
  possible: number
  /** How many schemas judge one value, each branch counted where it is met again. */
  weight: number
  /** All values that it can accept at most, where these can be listed. */
  candidates: readonly Json[] | undefined
  /** `enum` and `const`. */
  readonly values: readonly Json[] | undefined
  /** The numbers, texts and other scalars among `values`. */
  readonly scalars: ReadonlySet<Json>
  /** The objects and arrays among `values`, each as a schema that accepts only it. */
  readonly structures: readonly Node[]
  readonly number: NumberPart
  readonly string: StringPart
  readonly array: ArrayPart
  readonly object: ObjectPart
  /** Further demands on the same value: `allOf` and references. */
  readonly allOf: readonly Node[]
  readonly anyOf: readonly Node[] | undefined
  readonly oneOf: readonly Node[] | undefined
  readonly not: Node | undefined
  readonly condition:
    | { readonly if: Node; readonly then: Node | undefined; readonly else: Node | undefined }
    | undefined
  /** Keywords that the engine cannot judge here. */
  readonly beyond: readonly string[]
}

export type NumberPart = {
  readonly minimum: number
  readonly isMinimumOpen: boolean
  readonly maximum: number
  readonly isMaximumOpen: boolean
  readonly multipleOf: number | undefined
}

export type StringPart = {
  /** The pattern, ready to be tried. */
  readonly regex?: RegExp | undefined
  readonly minLength: number
  readonly maxLength: number
  readonly pattern: string | undefined
  readonly format: string | undefined
}

export type ArrayPart = {
  readonly minItems: number
  readonly maxItems: number
  readonly isUnique: boolean
  /** The schemas of the first items, then that of all others. */
  readonly prefix: readonly Node[]
  readonly rest: Node | undefined
  /** `isEvaluating`: what it finds does not count as left over. */
  readonly contains:
    | { readonly node: Node; readonly min: number; readonly max: number; readonly isEvaluating: boolean }
    | undefined
}

export type ObjectPart = {
  readonly minProperties: number
  readonly maxProperties: number
  readonly required: readonly string[]
  readonly properties: ReadonlyMap<string, Node>
  readonly patterns: readonly { readonly source: string; readonly regex: RegExp; readonly node: Node }[]
  readonly additional: Node | undefined
  readonly propertyNames: Node | undefined
  readonly dependentRequired: readonly (readonly [name: string, names: readonly string[]])[]
  readonly dependentSchemas: readonly (readonly [name: string, node: Node])[]
}

type Parts = {
  readonly [P in 'number' | 'string' | 'array' | 'object']?: Partial<Node[P]>
} & Partial<Pick<Node, 'types' | 'values' | 'scalars' | 'allOf' | 'anyOf' | 'not'>>

/** A node that asks for nothing but the given parts. */
export function plainNode(pointer: string, raw: JsonSchema, parts: Parts): Node {
  const { number, string, array, object, ...rest } = parts
  return {
    id: -1,
    pointer,
    raw,
    types: ANY_TYPE,
    possible: ANY_TYPE,
    weight: 1,
    candidates: undefined,
    values: undefined,
    scalars: NO_SCALARS,
    structures: [],
    number: { ...ANY_NUMBER, ...number },
    string: { ...ANY_STRING, ...string },
    array: { ...ANY_ARRAY, ...array },
    object: { ...ANY_OBJECT, ...object },
    allOf: [],
    anyOf: undefined,
    oneOf: undefined,
    not: undefined,
    condition: undefined,
    beyond: [],
    ...rest,
  }
}

const NO_SCALARS: ReadonlySet<Json> = new Set()
const MANY = Number.POSITIVE_INFINITY
const ANY_NUMBER: NumberPart = {
  minimum: -MANY,
  isMinimumOpen: false,
  maximum: MANY,
  isMaximumOpen: false,
  multipleOf: undefined,
}
const ANY_STRING: StringPart = { minLength: 0, maxLength: MANY, pattern: undefined, format: undefined }
const ANY_ARRAY: ArrayPart = {
  minItems: 0,
  maxItems: MANY,
  isUnique: false,
  prefix: [],
  rest: undefined,
  contains: undefined,
}
const ANY_OBJECT: ObjectPart = {
  minProperties: 0,
  maxProperties: MANY,
  required: [],
  properties: new Map(),
  patterns: [],
  additional: undefined,
  propertyNames: undefined,
  dependentRequired: [],
  dependentSchemas: [],
}

/** Whether a node accepts every value. */
export function isAny({ raw, id }: Node): boolean {
  return raw === true || id === ANY_ID
}

/** Whether a node accepts no value, as far as its types show. */
export function isNever({ possible }: Node): boolean {
  return possible === 0
}

export const ANY_ID = 0

/** The schema of a key's value in one object: what is declared by name, what patterns match, else what is additional. */
export function nodesForKey({ properties, patterns, additional }: ObjectPart, key: string): Node[] {
  const named = properties.get(key)
  if (patterns.length === 0) return named ? [named] : additional ? [additional] : []
  const matching = patterns.filter(({ regex }) => regex.test(key)).map(({ node }) => node)
  if (named) matching.unshift(named)
  return matching.length > 0 || !additional ? matching : [additional]
}

/** Whether a key is left to `additionalProperties`. */
export function isAdditional({ properties, patterns }: ObjectPart, key: string): boolean {
  return !properties.has(key) && !patterns.some(({ regex }) => regex.test(key))
}

export function nodeForIndex({ prefix, rest }: ArrayPart, index: number): Node | undefined {
  return index < prefix.length ? prefix[index] : rest
}
