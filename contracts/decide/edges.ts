import { isObject, type Json } from '../json.ts'
import { declaredTypes, TYPE } from '../schema/types.ts'
import { exactNode } from './exact.ts'
import type { Node } from './node.ts'
import { intern } from './prepare.ts'
import { ask } from './routes.ts'

/** What a value must meet to stand on one edge of what a node allows; of several nodes, the first that can be met. */
export type EdgeOf = { readonly keyword: string; readonly met: readonly Node[] }

const MOST_VALUES = 20
/** Longer texts and lists are left out, so that all messages together stay small. */
const LONGEST_TEXT = 5_000
const MOST_ITEMS = 200
const MOST_MEMBERS = 50

/** The edges of every bound, each listed value, each type of several, each branch of a union. */
export function edgesOfNode(node: Node): EdgeOf[] {
  if (typeof node.raw === 'boolean') return []
  return [...ofLists(node), ...ofNumbers(node), ...ofCounts(node), ...ofBranches(node)]
}

function ofLists({ values, possible, raw }: Node): EdgeOf[] {
  if (values) return constants(values, isObject(raw) && 'const' in raw ? 'const' : 'enum')
  if (!isObject(raw) || raw.type === undefined) return []
  if (possible === TYPE.boolean) return constants([true, false], 'type')
  const types = Array.isArray(raw.type) ? raw.type.map((type) => declaredTypes(String(type))) : []
  return types.map((bits) => ({ keyword: 'type', met: [ask(`type ${bits}`, { types: bits })] }))
}

function constants(list: readonly Json[], keyword: string): EdgeOf[] {
  return list.slice(0, MOST_VALUES).map((value) => ({ keyword, met: [constant(value)] }))
}

function ofNumbers({ number, types }: Node): EdgeOf[] {
  const { minimum, isMinimumOpen, maximum, isMaximumOpen, multipleOf } = number
  const step = multipleOf ?? (types & TYPE.fraction ? 0.01 : 1)
  return [
    ...bound(isMinimumOpen ? 'exclusiveMinimum' : 'minimum', minimum, [
      minimum,
      Math.ceil(minimum / step) * step,
      minimum + step,
      minimum + 1,
    ]),
    ...bound(isMaximumOpen ? 'exclusiveMaximum' : 'maximum', maximum, [
      maximum,
      Math.floor(maximum / step) * step,
      maximum - step,
      maximum - 1,
    ]),
  ]
}

function bound(keyword: string, limit: number, values: readonly number[]): EdgeOf[] {
  if (!Number.isFinite(limit)) return []
  return [{ keyword, met: values.filter(Number.isFinite).map((value) => constant(tidy(value))) }]
}

/** Without what floating point adds at the end, and without -0. */
function tidy(value: number): number {
  return Number(value.toPrecision(15)) + 0
}

function ofCounts({ string, array, object }: Node): EdgeOf[] {
  return [
    ...count('minLength', string.minLength, LONGEST_TEXT, textOf),
    ...count('maxLength', string.maxLength, LONGEST_TEXT, textOf),
    ...count('minItems', array.minItems, MOST_ITEMS, listOf),
    ...count('maxItems', array.maxItems, MOST_ITEMS, listOf),
    ...count('minProperties', object.minProperties, MOST_MEMBERS, objectOf),
    ...count('maxProperties', object.maxProperties, MOST_MEMBERS, objectOf),
  ]
}

/** Texts, lists and objects of one size. */
export function textOf(length: number): Node {
  return ask(`length ${length}`, { types: TYPE.string, string: { minLength: length, maxLength: length } })
}

export function listOf(items: number): Node {
  return ask(`items ${items}`, { types: TYPE.array, array: { minItems: items, maxItems: items } })
}

function objectOf(members: number): Node {
  return ask(`members ${members}`, { types: TYPE.object, object: { minProperties: members, maxProperties: members } })
}

function count(keyword: string, n: number, most: number, make: (n: number) => Node): EdgeOf[] {
  const isSaid = keyword.startsWith('min') ? n > 0 : n < Number.POSITIVE_INFINITY
  return isSaid && n <= most ? [{ keyword, met: [make(n)] }] : []
}

function ofBranches({ anyOf = [], oneOf = [] }: Node): EdgeOf[] {
  return [
    ...anyOf.map((branch) => ({ keyword: 'anyOf', met: [branch] })),
    ...oneOf.map((branch) => ({ keyword: 'oneOf', met: [branch] })),
  ]
}

function constant(value: Json): Node {
  return exactNode(value, intern)
}
