import { isObject, type Json } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import { TYPE, typeOf } from '../schema/types.ts'
import { type Node, plainNode } from './node.ts'

type Intern = (key: string) => number

/** A node that accepts one value alone. Of an object or array it says so member by member, so that one can be broken. */
export function exactNode(value: Json, intern: Intern): Node {
  const node = Array.isArray(value)
    ? exactArray(value, intern)
    : isObject(value)
      ? exactObject(value, intern)
      : exactScalar(value)
  return Object.assign(node, {
    id: intern(`constant ${canonicalJson(value)}`),
    possible: typeOf(value),
    candidates: [value],
  })
}

function exactScalar(value: Json): Node {
  return plainNode('', {}, { values: [value], scalars: new Set([value]) })
}

function exactArray(value: readonly Json[], intern: Intern): Node {
  const prefix = value.map((item) => exactNode(item, intern))
  return plainNode('', {}, { types: TYPE.array, array: { minItems: value.length, maxItems: value.length, prefix } })
}

function exactObject(value: { readonly [name: string]: Json }, intern: Intern): Node {
  const properties = new Map(
    Object.entries(value).map(([name, member]): [string, Node] => [name, exactNode(member, intern)]),
  )
  const nothing = Object.assign(plainNode('', false, {}), { id: intern('never'), possible: 0, candidates: [] })
  return plainNode(
    '',
    {},
    { types: TYPE.object, object: { properties, required: Object.keys(value), additional: nothing } },
  )
}
