import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'
import { isSchemaShaped } from '../schema/keywords.ts'
import type { Target } from '../schema/references.ts'
import { commentOf } from './comment.ts'
import { type Member, NEVER, type ObjectType, type Type, UNKNOWN, unionOf, word } from './tree.ts'

type Inside = (target: Target) => Type

/** What a schema's own keywords say of objects, or undefined where they say nothing of them. */
export function objectPart(schema: JsonObject, pointer: string, inside: Inside): ObjectType | undefined {
  if (!['properties', 'patternProperties', 'additionalProperties', 'required'].some((keyword) => keyword in schema))
    return undefined
  const members = membersOf(schema, pointer, inside)
  const others = othersOf(schema, pointer, members, inside)
  if (others) return members.length === 0 && others === UNKNOWN ? undefined : { kind: 'object', members, others }
  if (schema.additionalProperties === false)
    return members.length === 0 ? { kind: 'object', members, others: NEVER } : { kind: 'object', members }
  if (members.length === 0) return undefined
  return members.every(({ isOptional }) => isOptional)
    ? { kind: 'object', members, isLoose: true }
    : { kind: 'object', members }
}

function membersOf(schema: JsonObject, pointer: string, inside: Inside): Member[] {
  const { properties, required, patternProperties, additionalProperties } = schema
  const declared = isObject(properties) ? properties : {}
  const needed = new Set(Array.isArray(required) ? required.map(String) : [])
  const rest: Target | undefined =
    isObject(additionalProperties) && !isObject(patternProperties)
      ? { schema: additionalProperties, pointer: pointerTo(pointer, 'additionalProperties') }
      : undefined
  const named = Object.entries(declared).map(([name, value]) => {
    return { name, target: targetOf(value, pointerTo(pointer, 'properties', name)) }
  })
  const unnamed = [...needed].filter((name) => !Object.hasOwn(declared, name)).map((name) => ({ name, target: rest }))
  return [...named, ...unnamed].map(({ name, target }) => {
    const isOptional = !needed.has(name)
    const type = target === undefined || (isOptional && INHERITED.has(name)) ? UNKNOWN : inside(target)
    return { name, isOptional, type, comment: commentOf(target?.schema ?? true) }
  })
}

/** TypeScript takes every object to have these, and would hold them against another type of the same name. */
const INHERITED = new Set(
  'constructor toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable'.split(' '),
)

/** The index signature, where there is one. It must be as wide as every member, as TypeScript asks. */
function othersOf(
  { patternProperties, additionalProperties }: JsonObject,
  pointer: string,
  members: readonly Member[],
  inside: Inside,
): Type | undefined {
  const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : []
  if (patterns.length === 0 && (additionalProperties === undefined || additionalProperties === false)) return undefined
  if (additionalProperties === undefined || additionalProperties === true) return UNKNOWN
  const named = patterns.map(([source, value]) =>
    typeAt(value, pointerTo(pointer, 'patternProperties', source), inside),
  )
  const unnamed = typeAt(additionalProperties, pointerTo(pointer, 'additionalProperties'), inside)
  if (members.some(({ type }) => !isShort(type))) return UNKNOWN
  const absent = members.some(({ isOptional }) => isOptional) ? [word('undefined')] : []
  return unionOf([...named, unnamed, ...members.map(({ type }) => type), ...absent])
}

function isShort(type: Type): boolean {
  return type.kind === 'word' || (type.kind === 'union' && type.types.every(({ kind }) => kind === 'word'))
}

/** What a schema's own keywords say of lists, or undefined where they say nothing of them. */
export function listPart(
  schema: JsonObject,
  pointer: string,
  foreign: ReadonlySet<string>,
  inside: Inside,
): Type | undefined {
  const { minItems, maxItems } = schema
  const [first, rest] = itemsOf(schema, pointer, foreign)
  const most = typeof maxItems === 'number' ? maxItems : Infinity
  if (first.length === 0 || most === 0) {
    if (most === 0 || rest?.schema === false) return { kind: 'tuple', items: [] }
    return rest === undefined || rest.schema === true ? undefined : { kind: 'list', item: inside(rest) }
  }
  const least = typeof minItems === 'number' ? minItems : 0
  const items = first.slice(0, most).map((target, i) => ({ type: inside(target), isOptional: i >= least }))
  if (most <= first.length || rest?.schema === false) return { kind: 'tuple', items }
  return { kind: 'tuple', items, rest: rest === undefined ? UNKNOWN : inside(rest) }
}

/** The schemas of the first items, and that of all others. */
function itemsOf(schema: JsonObject, pointer: string, foreign: ReadonlySet<string>): [Target[], Target | undefined] {
  const { items, prefixItems, additionalItems } = schema
  if (Array.isArray(items) && foreign.has('prefixItems'))
    return [
      targetsIn(items, pointerTo(pointer, 'items')),
      targetOf(additionalItems, pointerTo(pointer, 'additionalItems')),
    ]
  const isFirst = Array.isArray(prefixItems) && !foreign.has('prefixItems')
  return [
    isFirst ? targetsIn(prefixItems, pointerTo(pointer, 'prefixItems')) : [],
    targetOf(items, pointerTo(pointer, 'items')),
  ]
}

function targetsIn(schemas: readonly Json[], pointer: string): Target[] {
  return schemas.map((schema, i) => ({
    schema: isSchemaShaped(schema) ? schema : true,
    pointer: pointerTo(pointer, i),
  }))
}

function targetOf(schema: Json | undefined, pointer: string): Target | undefined {
  return isSchemaShaped(schema) ? { schema, pointer } : undefined
}

function typeAt(schema: Json, pointer: string, inside: Inside): Type {
  return inside({ schema: isSchemaShaped(schema) ? schema : true, pointer })
}
