import type { Json } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import { ANY_TYPE, TYPE, typeOf } from '../schema/types.ts'
import { exactNode } from './exact.ts'
import type { Node } from './node.ts'

/** Works out of a node's parts, which are settled already, what the search asks first: types, listed values, weight. */
export function settle(node: Settling, intern: (key: string) => number): void {
  const values = node.values ?? []
  node.scalars = new Set(values.filter((value) => typeof value !== 'object' || value === null))
  node.structures = values
    .filter((value) => typeof value === 'object' && value !== null)
    .map((value) => exactNode(value, intern))
  node.possible = possibleOf(node)
  node.candidates = candidatesOf(node)
  node.weight = weightOf(node)
}

type Settling = { -readonly [K in keyof Node]: Node[K] }

/** Longer lists of values are not kept as such. */
const MOST_CANDIDATES = 10_000

function weightOf({ allOf, anyOf = [], oneOf = [], not, condition }: Node): number {
  const parts = [...allOf, ...anyOf, ...oneOf, not, condition?.if, condition?.then, condition?.else]
  return parts.reduce((sum: number, part) => sum + (part?.weight ?? 0), 1)
}

function possibleOf(node: Node): number {
  const all = [node.types, ...(node.values ? [node.values.reduce((sum: number, value) => sum | typeOf(value), 0)] : [])]
  all.push(...node.allOf.map(({ possible }) => possible))
  for (const branches of [node.anyOf, node.oneOf]) if (branches) all.push(typesOf(branches))
  return all.reduce((sum, types) => sum & types, ANY_TYPE)
}

function typesOf(branches: readonly Node[]): number {
  return branches.reduce((sum, { possible }) => sum | possible, 0)
}

function candidatesOf(node: Node): readonly Json[] | undefined {
  const lists = [
    node.values,
    ...node.allOf.map(({ candidates }) => candidates),
    ...[node.anyOf, node.oneOf].map(unionOf),
  ]
  if ((node.possible & ~(TYPE.null | TYPE.boolean)) === 0)
    lists.push([null, true, false].filter((value) => (typeOf(value) & node.possible) !== 0))
  return lists.reduce((least, list) => (list && (!least || list.length < least.length) ? list : least), undefined)
}

function unionOf(branches: readonly Node[] | undefined): readonly Json[] | undefined {
  if (!branches?.every(({ candidates }) => candidates)) return undefined
  const values = new Map(
    branches.flatMap(({ candidates }) =>
      (candidates ?? []).map((value): [string, Json] => [canonicalJson(value), value]),
    ),
  )
  return values.size <= MOST_CANDIDATES ? [...values.values()] : undefined
}
