import { type Json, pointerTo } from '../json.ts'
import { isSchemaShaped } from '../schema/keywords.ts'
import type { References, Target } from '../schema/references.ts'
import { ANY_TYPE, conditionsOf, possibleTypes } from '../schema/types.ts'

/** The types that the items of a list under this name can have at most, over all branches of the object's schema. */
export function fieldItemTypes(at: Target, name: string, references: References): number {
  return gather(at, references, new Map(), (target) => {
    const described = membersNamed(target, name).map((member) => itemTypes(member, references))
    return described.reduce((all, types) => all & types, ANY_TYPE)
  })
}

function itemTypes(at: Target, references: References): number {
  return gather(at, references, new Map(), (target) => ownItemTypes(target, references))
}

/** All conditions hold at once, and one of each one's alternatives. */
function gather(at: Target, references: References, known: Map<string, number>, own: (at: Target) => number): number {
  const found = known.get(at.pointer)
  if (found !== undefined) return found
  const types = conditionsOf(at, references).reduce(
    (all, alternatives) => all & alternatives.reduce((sum, branch) => sum | gather(branch, references, known, own), 0),
    own(at),
  )
  known.set(at.pointer, types)
  return types
}

function membersNamed({ schema, pointer }: Target, name: string): Target[] {
  if (typeof schema === 'boolean') return []
  const member = (keyword: string, step: string, value: Json | undefined): Target[] =>
    isSchemaShaped(value) ? [{ schema: value, pointer: pointerTo(pointer, keyword, step) }] : []
  const { properties, patternProperties, additionalProperties } = schema
  const declared = entriesOf(properties).filter(([key]) => key === name)
  const matched = entriesOf(patternProperties).filter(([pattern]) => new RegExp(pattern, 'u').test(name))
  const named = [
    ...declared.flatMap(([key, value]) => member('properties', key, value)),
    ...matched.flatMap(([pattern, value]) => member('patternProperties', pattern, value)),
  ]
  if (named.length > 0 || !isSchemaShaped(additionalProperties)) return named
  return [{ schema: additionalProperties, pointer: pointerTo(pointer, 'additionalProperties') }]
}

function entriesOf(value: Json | undefined): [string, Json][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function ownItemTypes({ schema, pointer }: Target, references: References): number {
  if (typeof schema === 'boolean') return schema ? ANY_TYPE : 0
  const { items, prefixItems, additionalItems } = schema
  const typesAt = (value: Json | undefined, ...steps: (string | number)[]): number =>
    isSchemaShaped(value)
      ? possibleTypes({ schema: value, pointer: pointerTo(pointer, ...steps) }, references)
      : ANY_TYPE
  const first = Array.isArray(items)
    ? (['items', items] as const)
    : (['prefixItems', Array.isArray(prefixItems) ? prefixItems : []] as const)
  const [keyword, listed] = first
  const rest = Array.isArray(items) ? typesAt(additionalItems, 'additionalItems') : typesAt(items, 'items')
  return (listed as readonly Json[]).reduce<number>((types, item, i) => types | typesAt(item, keyword, i), rest)
}
