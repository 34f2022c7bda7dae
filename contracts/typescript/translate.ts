import { isObject, type JsonObject } from '../json.ts'
import { FOREIGN_KEYWORDS } from '../schema/dialect.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'
import { ANY_TYPE, conditionsOf, declaredTypes, possibleTypes, typeOf } from '../schema/types.ts'
import { createBearable } from './combinations.ts'
import { bitsOf, type Group, groupsIn, isWithin, valuesOf, wholeOf } from './groups.ts'
import { listPart, objectPart } from './parts.ts'
import { literalOf } from './text.ts'
import { bothOf, NEVER, type Type, unionOf } from './tree.ts'
import { valuesIn } from './values.ts'

/** Translates the schemas of one document. Types are always as wide as their schema, or wider. */
export type Translate = {
  /** The type of all values that a schema accepts. */
  readonly whole: (target: Target) => Type
  /** The type of those in one group. */
  readonly group: (target: Target, group: Group) => Type
}

/** Answers the name of the type that stands for another schema, or for one group of its values. */
export type Refer = (target: Target, group?: Group) => Type

/** Nothing, where a schema says no more of a group than that a value is in it. */
type Part = Type | undefined

export function createTranslate({ references, dialect }: Schema, refer: Refer): Translate {
  const foreign = FOREIGN_KEYWORDS[dialect]
  const knownTypes = new Map<string, number>()
  const knownParts = new Map<string, Part>()

  const typesOf = (target: Target) => possibleTypes(target, references, knownTypes)
  const isPossible = (target: Target, group: Group) => (typesOf(target) & bitsOf(group)) !== 0
  const bearable = createBearable(references, isPossible)
  const followed = ({ schema, pointer }: Target): Target | undefined =>
    isObject(schema) && typeof schema.$ref === 'string' ? references.follow(schema.$ref, pointer) : undefined

  const whole = (target: Target, wanted = ANY_TYPE): Type => {
    const types = typesOf(target) & wanted
    const conditions = conditionsOf(target, references)
    const [alternatives = []] = conditions
    if (isSilent(target.schema) && conditions.length === 1) {
      const next = followed(target)
      if (next === undefined) return unionOf(alternatives.map((branch) => whole(branch, types)))
      if ((typesOf(next) & ~types) === 0) return refer(next)
    }
    const parts = groupsIn(types).map((group) => ({ group, type: part(target, group) }))
    return parts.every(({ type }) => type === undefined)
      ? valuesOf(types)
      : unionOf(parts.map(({ group, type }) => type ?? wholeOf(group)))
  }

  const part = (target: Target, group: Group): Part => {
    const key = `${group} ${target.pointer}`
    if (!knownParts.has(key)) knownParts.set(key, computePart(target, group))
    return knownParts.get(key)
  }
  const computePart = (target: Target, group: Group): Part => {
    if (!isPossible(target, group)) return NEVER
    if (typeof target.schema === 'boolean') return undefined
    const next = followed(target)
    const own = ownPart(target.schema, target.pointer, group)
    const told = bearable(conditionsOf(target, references), group).map((alternatives) =>
      next !== undefined && alternatives.length === 1 && alternatives[0]?.pointer === next.pointer
        ? referred(next, group)
        : either(alternatives.map((branch) => part(branch, group))),
    )
    const all = [own, ...told].filter((one) => one !== undefined)
    return all.length === 0 ? undefined : bothOf(all)
  }
  /** Text, numbers and the like have no insides that could lead back here; lists and objects go by their names. */
  const referred = (target: Target, group: Group): Part => {
    if (group !== 'array' && group !== 'object') return part(target, group)
    if (typesOf(target) === ANY_TYPE && isSilent(target.schema) && conditionsOf(target, references).length === 0)
      return undefined
    return isWithin(typesOf(target), group) ? refer(target) : refer(target, group)
  }

  const ownPart = (schema: JsonObject, pointer: string, group: Group): Part => {
    const values = valuesIn(schema)
    if (values) {
      const possible = declaredTypes(schema.type) & bitsOf(group)
      return unionOf(values.filter((value) => typeOf(value) & possible).map(literalOf))
    }
    if (group === 'object') return objectPart(schema, pointer, (target) => whole(target))
    return group === 'array' ? listPart(schema, pointer, foreign, (target) => whole(target)) : undefined
  }

  return { whole: (target) => whole(target), group: (target, group) => part(target, group) ?? wholeOf(group) }
}

function either(parts: readonly Part[]): Part {
  const told = parts.filter((one) => one !== undefined)
  return told.length < parts.length ? undefined : unionOf(told)
}

const TELLING =
  'type enum const properties patternProperties additionalProperties required items prefixItems additionalItems maxItems'.split(
    ' ',
  )

/** Whether a schema says nothing by itself that a type could tell. */
function isSilent(schema: JsonSchema): boolean {
  return isObject(schema) ? !TELLING.some((keyword) => keyword in schema) : schema
}
