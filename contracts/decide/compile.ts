import type { Finding } from '../finding.ts'
import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'
import { type Dialect, FOREIGN_KEYWORDS } from '../schema/dialect.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import { ANY_TYPE } from '../schema/types.ts'
import { ANY_ID, type ArrayPart, type Node, type ObjectPart, plainNode } from './node.ts'
import { idOf } from './node-id.ts'
import { NUMBER_FORMATS, numberOr, ownParts } from './own-parts.ts'
import { settle } from './settle.ts'
import { closeUnevaluated } from './unevaluated.ts'

/** Brings a schema into nodes. Ids come from `intern`, so that equal content has equal ids wherever it stands. */
export function compileNodes(schema: Schema, intern: (key: string) => number): Compiled {
  const compiler: Compiler = { schema, intern, known: new Map(), open: new Set(), cyclic: new Set(), beyond: [] }
  const node = nodeAt(compiler, schema.root, '')
  const weight = Math.max(...[...compiler.known.values()].map((each) => each.weight))
  return { node, weight, beyond: compiler.beyond }
}

/** The root's node, the weight of the heaviest, and all places where the schema says something that the engine cannot judge. */
export type Compiled = { readonly node: Node; readonly weight: number; readonly beyond: readonly Finding[] }

type Compiler = {
  readonly schema: Schema
  readonly intern: (key: string) => number
  readonly known: Map<string, Node>
  readonly open: Set<string>
  readonly cyclic: Set<string>
  readonly beyond: Finding[]
}

function nodeAt(compiler: Compiler, raw: JsonSchema, pointer: string): Node {
  const found = compiler.known.get(pointer)
  if (found) {
    if (compiler.open.has(pointer)) markCyclic(compiler, found)
    return found
  }
  const own = isObject(raw) ? readable(raw, compiler.schema.dialect) : {}
  const node = plainNode(pointer, raw, ownParts(own))
  compiler.known.set(pointer, node)
  if (typeof raw === 'boolean') return settleBoolean(compiler, node)
  compiler.open.add(pointer)
  fill(compiler, node, own)
  compiler.open.delete(pointer)
  if (!compiler.cyclic.has(pointer)) node.id = idOf(node, compiler.intern)
  return node
}

/** The keywords that mean something in the dialect. */
function readable(schema: JsonObject, dialect: Dialect): JsonObject {
  const foreign = FOREIGN_KEYWORDS[dialect]
  return Object.keys(schema).some((keyword) => foreign.has(keyword))
    ? Object.fromEntries(Object.entries(schema).filter(([keyword]) => !foreign.has(keyword)))
    : schema
}

/** A node that refers back to itself cannot be told by its content; it is told by its place. */
function markCyclic({ cyclic, intern, schema }: Compiler, node: Node): void {
  if (cyclic.has(node.pointer)) return
  cyclic.add(node.pointer)
  node.id = intern(`cycle ${schema.fingerprint} ${node.pointer}`)
}

function settleBoolean({ intern }: Compiler, node: Node): Node {
  node.possible = node.raw === true ? ANY_TYPE : 0
  node.candidates = node.raw === true ? undefined : []
  node.id = node.raw === true ? ANY_ID : intern('never')
  return node
}

type Draft = { -readonly [K in keyof Node]: Node[K] }

function fill(compiler: Compiler, node: Node, schema: JsonObject): void {
  const draft: Draft = node
  const child = (keyword: string, ...steps: (string | number)[]) => {
    const value = steps.reduce<Json | undefined>(
      (at, step) => (at as { [step: string]: Json } | undefined)?.[step],
      schema[keyword],
    )
    return isSchemaShaped(value) ? nodeAt(compiler, value, pointerTo(node.pointer, keyword, ...steps)) : undefined
  }
  const list = (keyword: string) => children(schema[keyword], (_, i) => child(keyword, i))
  draft.array = { ...node.array, ...arrayPart(schema, compiler.schema.dialect, child, list) }
  draft.object = { ...node.object, ...objectPart(schema, child) }
  const follows = followed(compiler, schema, node.pointer)
  draft.beyond = [...follows.beyond, ...beyondHere(node.raw)]
  draft.allOf = [...list('allOf'), ...follows.nodes]
  draft.anyOf = Array.isArray(schema.anyOf) ? list('anyOf') : undefined
  draft.oneOf = Array.isArray(schema.oneOf) ? list('oneOf') : undefined
  draft.not = child('not')
  const test = child('if')
  if (test) draft.condition = { if: test, then: child('then'), else: child('else') }
  closeLeftovers(compiler, draft, child)
  settle(draft, compiler.intern)
  for (const keyword of draft.beyond)
    compiler.beyond.push({
      code: 'keyword.beyond-engine',
      at: node.pointer,
      reader: { pointer: node.pointer, value: keyword },
    })
}

function closeLeftovers(compiler: Compiler, draft: Draft, child: Child): void {
  const kinds = [
    ['unevaluatedProperties', 'object'],
    ['unevaluatedItems', 'array'],
  ] as const
  // both look at what stands beside them, and not at each other
  const closings = kinds.flatMap(([keyword, of]) => {
    const left = child(keyword)
    return left ? [{ keyword, node: closeUnevaluated(draft, left, of) }] : []
  })
  for (const { keyword, node } of closings)
    if (node) draft.allOf = [...draft.allOf, identify(compiler, node)]
    else draft.beyond = [...draft.beyond, keyword]
}

/** Gives the nodes that were made here, and stand in no document, what `fill` gives all others. */
function identify(compiler: Compiler, node: Node): Node {
  if (node.id >= 0) return node
  const parts = [
    ...node.allOf,
    ...(node.anyOf ?? []),
    node.not,
    node.object.additional,
    node.array.rest,
    ...node.object.properties.values(),
    ...node.array.prefix,
  ]
  for (const part of [...parts, ...node.object.patterns.map((pattern) => pattern.node)])
    if (part) identify(compiler, part)
  if (typeof node.raw === 'boolean') return settleBoolean(compiler, node)
  settle(node, compiler.intern)
  node.id = idOf(node, compiler.intern)
  return node
}

function children(value: Json | undefined, make: (item: Json, i: number) => Node | undefined): Node[] {
  return Array.isArray(value) ? value.map(make).filter((node) => node !== undefined) : []
}

type Child = (keyword: string, ...steps: (string | number)[]) => Node | undefined

function arrayPart(
  schema: JsonObject,
  dialect: Dialect,
  child: Child,
  list: (keyword: string) => Node[],
): Partial<ArrayPart> {
  const isListForm = Array.isArray(schema.items)
  const contains = child('contains')
  return {
    prefix: isListForm ? list('items') : list('prefixItems'),
    rest: isListForm ? child('additionalItems') : child('items'),
    contains: contains && {
      node: contains,
      min: numberOr(schema.minContains, 1),
      max: numberOr(schema.maxContains, Number.POSITIVE_INFINITY),
      isEvaluating: dialect === '2020-12',
    },
  }
}

function objectPart(schema: JsonObject, child: Child): Partial<ObjectPart> {
  const names = (keyword: string) => Object.keys(isObject(schema[keyword]) ? schema[keyword] : {})
  const dependents = [
    ...names('dependentSchemas').map((name) => ['dependentSchemas', name]),
    ...names('dependencies').map((name) => ['dependencies', name]),
  ]
  const lists = {
    ...(isObject(schema.dependentRequired) ? schema.dependentRequired : {}),
    ...(isObject(schema.dependencies) ? schema.dependencies : {}),
  }
  return {
    properties: new Map(names('properties').flatMap((name) => entry(name, child('properties', name)))),
    patterns: names('patternProperties').flatMap((source) => {
      const node = child('patternProperties', source)
      return node ? [{ source, regex: new RegExp(source, 'u'), node }] : []
    }),
    additional: child('additionalProperties'),
    propertyNames: child('propertyNames'),
    dependentRequired: Object.entries(lists).flatMap(([name, value]) =>
      Array.isArray(value) ? [[name, value.map(String)] as const] : [],
    ),
    dependentSchemas: dependents.flatMap(([keyword = '', name = '']) => entry(name, child(keyword, name))),
  }
}

function entry(name: string, node: Node | undefined): [string, Node][] {
  return node ? [[name, node]] : []
}

/** `$ref` and, where it can only lead to one place, `$dynamicRef` and `$recursiveRef`. */
function followed(compiler: Compiler, schema: JsonObject, pointer: string): { nodes: Node[]; beyond: string[] } {
  const nodes: Node[] = []
  const beyond: string[] = []
  for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
    const ref = schema[keyword]
    if (typeof ref !== 'string') continue
    const target = compiler.schema.references.follow(ref, pointer)
    if (target === undefined || (keyword !== '$ref' && compiler.schema.references.isDynamic)) beyond.push(keyword)
    else nodes.push(nodeAt(compiler, target.schema, target.pointer))
  }
  return { nodes, beyond }
}

function beyondHere(schema: JsonSchema): string[] {
  if (typeof schema === 'boolean') return []
  // a multipleOf beside a format about numbers would be two divisors in one place
  const { multipleOf, format } = schema
  const isTwice = typeof multipleOf === 'number' && typeof format === 'string' && Object.hasOwn(NUMBER_FORMATS, format)
  return isTwice ? ['format'] : []
}
