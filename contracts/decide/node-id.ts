import { canonicalJson } from '../schema/canonical.ts'
import { ANY_ID, type Node, plainNode } from './node.ts'

/** Equal content has equal ids; what only refers to one other schema is that schema, and what asks for nothing is `true`. */
export function idOf(node: Node, intern: (key: string) => number): number {
  const [only] = node.allOf
  const own = keyOf({ ...node, allOf: [] })
  if (own === EMPTY && node.allOf.length <= 1) return only?.id ?? ANY_ID
  return intern(keyOf(node))
}

function keyOf(node: Node): string {
  const { array, object, number, string } = node
  return JSON.stringify([
    node.types,
    node.values?.map(canonicalJson).sort() ?? null,
    [...Object.values(number), ...Object.values(string)].map(String),
    [array.minItems, String(array.maxItems), array.isUnique, ids(array.prefix), array.rest?.id ?? null],
    array.contains ? [array.contains.node.id, array.contains.min, String(array.contains.max)] : null,
    [object.minProperties, String(object.maxProperties), object.required.toSorted(), pairs(object.properties)],
    [
      pairs(object.patterns.map(({ source, node: at }) => [source, at] as const)),
      object.additional?.id ?? null,
      object.propertyNames?.id ?? null,
    ],
    [object.dependentRequired.toSorted(byName), pairs(object.dependentSchemas)],
    [ids(node.allOf), ids(node.anyOf), ids(node.oneOf), node.not?.id ?? null],
    node.condition ? [node.condition.if.id, node.condition.then?.id ?? null, node.condition.else?.id ?? null] : null,
    node.beyond,
  ])
}

function ids(nodes: readonly Node[] | undefined): readonly number[] | null {
  return nodes?.map(({ id }) => id) ?? null
}

function pairs(entries: Iterable<readonly [string, Node]>): (readonly [string, number])[] {
  return [...entries].map(([name, { id }]) => [name, id] as const).sort(byName)
}

function byName(a: readonly unknown[], b: readonly unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1
}

const EMPTY = keyOf(plainNode('', {}, {}))
