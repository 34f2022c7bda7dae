import { isObject, type Json, pointerTo } from '../json.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import type { References, Target } from '../schema/references.ts'
import { ANY_TYPE, conditionsOf, possibleTypes, TYPE } from '../schema/types.ts'

/** How a field's value stands in an entry, which holds nothing but strings. */
export type Kind = 'text' | 'integer' | 'number' | 'boolean' | 'json'

/** What all branches of a message schema say together of its fields. */
export type FieldTypes = {
  /** Possible types by declared name; a name is declared where some branch lists it under `properties`. */
  readonly declared: ReadonlyMap<string, number>
  /** Names that stand in every message. */
  readonly required: ReadonlySet<string>
  /** Possible types of names that match a pattern. */
  readonly patterns: readonly { readonly pattern: RegExp; readonly types: number; readonly pointer: string }[]
  /** Possible types of all other names, where a schema describes them. */
  readonly others: number | undefined
}

/** The one kind of a set of types, or undefined where they are mixed. Null has no text: it is the field's absence. */
export function kindOf(types: number): Kind | undefined {
  const values = types & ~TYPE.null
  if (isWithin(values, TYPE.string)) return 'text'
  if (isWithin(values, TYPE.integer)) return 'integer'
  if (isWithin(values, TYPE.integer | TYPE.fraction)) return 'number'
  if (isWithin(values, TYPE.boolean)) return 'boolean'
  return isWithin(values, TYPE.array | TYPE.object) ? 'json' : undefined
}

function isWithin(types: number, all: number): boolean {
  return (types & ~all) === 0
}

/** Gathers the fields of a message over its own keywords, references and all branches. */
export function fieldTypes(at: Target, references: References, known = new Map<string, FieldTypes>()): FieldTypes {
  const found = known.get(at.pointer) ?? gather(at, references, known)
  known.set(at.pointer, found)
  return found
}

function gather(at: Target, references: References, known: Map<string, FieldTypes>): FieldTypes {
  const conditions = conditionsOf(at, references).map((alternatives) =>
    alternatives.map((branch) => fieldTypes(branch, references, known)).reduce(either),
  )
  return conditions.reduce(both, ownFields(at, references))
}

function ownFields({ schema, pointer }: Target, references: References): FieldTypes {
  if (typeof schema === 'boolean') return { declared: new Map(), required: new Set(), patterns: [], others: undefined }
  const typesAt = (at: string, value: JsonSchema) => possibleTypes({ schema: value, pointer: at }, references)
  const patterns = members(schema.patternProperties).map(([source, value]) => {
    const at = pointerTo(pointer, 'patternProperties', source)
    return { pattern: new RegExp(source, 'u'), types: typesAt(at, value), pointer: at }
  })
  const declared = new Map(
    members(schema.properties).map(([name, value]) => [name, typesAt(pointerTo(pointer, 'properties', name), value)]),
  )
  const others = ['additionalProperties', 'unevaluatedProperties'].flatMap((keyword) => {
    const value = schema[keyword]
    return isSchemaShaped(value) && value !== false ? [typesAt(pointerTo(pointer, keyword), value)] : []
  })
  const required = Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : []
  return {
    declared,
    required: new Set(required),
    patterns,
    others: others.length > 0 ? others.reduce((a, b) => a | b) : undefined,
  }
}

function both(a: FieldTypes, b: FieldTypes): FieldTypes {
  return combine(a, b, (x, y) => x & y, a.required.union(b.required))
}

function either(a: FieldTypes, b: FieldTypes): FieldTypes {
  return combine(a, b, (x, y) => x | y, a.required.intersection(b.required))
}

function combine(
  a: FieldTypes,
  b: FieldTypes,
  merge: (x: number, y: number) => number,
  required: ReadonlySet<string>,
): FieldTypes {
  const declared = new Map(a.declared)
  for (const [name, types] of b.declared) declared.set(name, merge(declared.get(name) ?? types, types))
  const others = a.others === undefined || b.others === undefined ? (a.others ?? b.others) : merge(a.others, b.others)
  return { declared, required, patterns: [...a.patterns, ...b.patterns], others }
}

function members(value: Json | undefined): [string, JsonSchema][] {
  return isObject(value)
    ? Object.entries(value).filter((member): member is [string, JsonSchema] => isSchemaShaped(member[1]))
    : []
}

/** Whether names that nothing describes may carry any value, because the schema says so explicitly. */
export function isOpen({ others }: Pick<FieldTypes, 'others'>): boolean {
  return others === ANY_TYPE
}
