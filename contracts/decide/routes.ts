import { isObject, type Json, pointerTo } from '../json.ts'
import { ANY_TYPE, TYPE } from '../schema/types.ts'
import { isFound, type Search } from './family.ts'
import { ANY_ID, isAny, isNever, type Node, nodeForIndex, plainNode } from './node.ts'
import { intern } from './prepare.ts'

/** A way from the root of a schema to one of its nodes, and the place in a message of which that node speaks. */
export type Route = { readonly node: Node; readonly at: string; readonly edges: readonly Edge[] }

/** One step of a route. Some lead to a part of the message, others to more that is said of the same value. */
export type Edge = {
  readonly parent: Node
  readonly child: Node
  readonly step: string | undefined
  /** What a value must meet for this way to be gone and for its end to meet `inner`. */
  readonly wrap: (inner: Node, child: Node) => Node
  /** The parent with another child. */
  readonly replace: (child: Node) => Node
}

const MOST_ROUTES = 2_000

/** All routes, the short ones first; none runs in a circle. `find` is asked for names that a pattern describes. */
export function* routesFrom(root: Node, search: Pick<Search, 'find' | 'matching' | 'constant'>): Generator<Route> {
  const queue: Route[] = [{ node: root, at: '', edges: [] }]
  const seen = new Map<Node, Set<string>>()
  for (const route of queue) {
    yield route
    for (const edge of edgesOf(route.node, search)) {
      const at = edge.step === undefined ? route.at : pointerTo(route.at, edge.step)
      const places = seen.get(edge.child) ?? new Set()
      if (places.has(at) || isCircle(route, edge) || queue.length >= MOST_ROUTES) continue
      seen.set(edge.child, places.add(at))
      queue.push({ node: edge.child, at, edges: [...route.edges, edge] })
    }
  }
}

function isCircle({ edges, node }: Route, { child }: Edge): boolean {
  return child === node || edges.some(({ parent }) => parent === child)
}

/** Asks for messages in which the route is gone and its end meets a node. */
export function meeting({ edges }: Route, inner: Node): Node {
  return edges.reduceRight((node, edge) => edge.wrap(node, edge.child), inner)
}

/** The root with another node at the end of the route, and the demand that this way is gone and the end meets `inner`. */
export function replacing({ edges }: Route, end: Node, inner: Node): [root: Node, overlay: Node] {
  return edges.reduceRight<[Node, Node]>(
    ([root, overlay], edge) => [edge.replace(root), edge.wrap(overlay, root)],
    [end, inner],
  )
}

/** The message with its members in the order in which the nodes declare them. */
export function inDeclaredOrder(nodes: readonly Node[], message: Json): Json {
  const here = [...new Set(nodes.flatMap((node) => inPlace(node)))]
  if (Array.isArray(message))
    return message.map((item: Json, i) =>
      inDeclaredOrder(
        here.flatMap(({ array }) => nodeForIndex(array, i) ?? []),
        item,
      ),
    )
  if (!isObject(message)) return message
  const names = new Set([...here.flatMap(({ object }) => [...object.properties.keys()]), ...Object.keys(message)])
  const members = [...names].filter((name) => Object.hasOwn(message, name))
  const inside = (name: string) => here.flatMap(({ object }) => object.properties.get(name) ?? [])
  return Object.fromEntries(members.map((name) => [name, inDeclaredOrder(inside(name), message[name] ?? null)]))
}

function inPlace(node: Node): Node[] {
  const all = new Set([node])
  for (const { allOf, anyOf = [], oneOf = [] } of all) for (const part of [...allOf, ...anyOf, ...oneOf]) all.add(part)
  return [...all]
}

/** A node for a question; its key tells its content. */
export function ask(key: string, parts: Parameters<typeof plainNode>[2]): Node {
  return Object.assign(plainNode('', {}, parts), { id: intern(`ask ${key}`), possible: parts.types ?? ANY_TYPE })
}

export const ANYTHING: Node = Object.assign(plainNode('', true, {}), { id: ANY_ID })

/** A changed copy of a node; its key tells the change. */
export function changed(node: Node, key: string, changes: Partial<Node>): Node {
  return { ...node, ...changes, id: intern(`changed ${node.id} ${key}`) }
}

function edgesOf(node: Node, search: Pick<Search, 'find' | 'matching' | 'constant'>): Edge[] {
  if (typeof node.raw === 'boolean') return []
  return [...memberEdges(node), ...namedEdges(node, search), ...itemEdges(node), ...placeEdges(node)]
}

function memberEdges(parent: Node): Edge[] {
  return [...parent.object.properties].map(([name, child]) =>
    memberEdge(parent, name, child, `properties ${name}`, (other) => ({
      properties: new Map([...parent.object.properties, [name, other]]),
    })),
  )
}

/** Members under names that are described and not listed: one name stands for all. */
function namedEdges(parent: Node, search: Pick<Search, 'find' | 'matching' | 'constant'>): Edge[] {
  const { patterns, additional, properties, propertyNames } = parent.object
  const taken = [...properties.keys()].map(search.constant)
  const named = (child: Node, matching: readonly string[], key: string, put: Put): Edge[] => {
    const others = patterns.map(({ source }) => source).filter((source) => !matching.includes(source))
    const met = ['', ...matching].map(search.matching)
    const found = search.find(propertyNames ? [...met, propertyNames] : met, [...taken, ...others.map(search.matching)])
    return isFound(found) && typeof found.value === 'string' ? [memberEdge(parent, found.value, child, key, put)] : []
  }
  return [
    ...patterns.flatMap(({ source, node }, i) =>
      named(node, [source], `pattern ${source}`, (other) => ({
        patterns: patterns.map((pattern, j) => (i === j ? { ...pattern, node: other } : pattern)),
      })),
    ),
    ...(additional && !isNever(additional) && !isAny(additional)
      ? named(additional, [], 'additional', (other) => ({ additional: other }))
      : []),
  ]
}

type Put = (child: Node) => Partial<Node['object']>

function memberEdge(parent: Node, name: string, child: Node, key: string, put: Put): Edge {
  return {
    parent,
    child,
    step: name,
    wrap: (inner) =>
      ask(`member ${inner.id} ${name}`, {
        types: TYPE.object,
        object: { required: [name], properties: new Map([[name, inner]]) },
      }),
    replace: (other) => changed(parent, `${other.id} ${key}`, { object: { ...parent.object, ...put(other) } }),
  }
}

function itemEdges(parent: Node): Edge[] {
  const { prefix, rest } = parent.array
  const edges = prefix.map((child, i) =>
    itemEdge(parent, i, child, (other) => ({ prefix: prefix.map((node, j) => (i === j ? other : node)) })),
  )
  return rest && !isNever(rest)
    ? [...edges, itemEdge(parent, prefix.length, rest, (other) => ({ rest: other }))]
    : edges
}

function itemEdge(parent: Node, index: number, child: Node, put: (child: Node) => Partial<Node['array']>): Edge {
  return {
    parent,
    child,
    step: String(index),
    wrap: (inner) =>
      ask(`item ${inner.id} ${index}`, {
        types: TYPE.array,
        array: { minItems: index + 1, prefix: [...Array.from({ length: index }, () => ANYTHING), inner] },
      }),
    replace: (other) => changed(parent, `${other.id} item ${index}`, { array: { ...parent.array, ...put(other) } }),
  }
}

/** What else is said of the same value. Inside `not`, `if` and `contains` nothing is to be met, so no route leads there. */
function placeEdges(parent: Node): Edge[] {
  const { allOf, anyOf = [], oneOf = [], object } = parent
  const { dependentSchemas } = object
  return [
    ...allOf.map((child, i) =>
      placeEdge(parent, child, { key: `allOf ${i}`, wrap: alone, put: (other) => ({ allOf: allOf.with(i, other) }) }),
    ),
    ...anyOf.map((child, i) =>
      placeEdge(parent, child, { key: `anyOf ${i}`, wrap: both, put: (other) => ({ anyOf: anyOf.with(i, other) }) }),
    ),
    ...oneOf.map((child, i) =>
      placeEdge(parent, child, { key: `oneOf ${i}`, wrap: both, put: (other) => ({ oneOf: oneOf.with(i, other) }) }),
    ),
    ...dependentSchemas.map(([name, child], i) =>
      placeEdge(parent, child, {
        key: `dependent ${i}`,
        wrap: (inner) => both(inner, having(name)),
        put: (other) => ({ object: { ...object, dependentSchemas: dependentSchemas.with(i, [name, other]) } }),
      }),
    ),
    ...armEdges(parent),
  ]
}

function armEdges(parent: Node): Edge[] {
  const { condition } = parent
  if (!condition) return []
  const { if: test } = condition
  const arm = (key: 'then' | 'else', demand: Node): Edge[] => {
    const child = condition[key]
    const put = (other: Node) => ({ condition: { ...condition, [key]: other } })
    return child ? [placeEdge(parent, child, { key, wrap: (inner) => both(inner, demand), put })] : []
  }
  return [...arm('then', test), ...arm('else', negated(test))]
}

type Way = { readonly key: string; readonly wrap: Edge['wrap']; readonly put: (child: Node) => Partial<Node> }

/** Types and values that the parent took over from its child are found out anew. */
function placeEdge(parent: Node, child: Node, { key, wrap, put }: Way): Edge {
  const own = { possible: parent.types, candidates: parent.values }
  return {
    parent,
    child,
    step: undefined,
    wrap,
    replace: (other) => changed(parent, `${other.id} ${key}`, { ...put(other), ...own }),
  }
}

function alone(inner: Node): Node {
  return inner
}

export function both(a: Node, b: Node): Node {
  return ask(`both ${a.id} ${b.id}`, { allOf: [a, b] })
}

function having(name: string): Node {
  return ask(`having ${name}`, { object: { required: [name] } })
}

function negated(not: Node): Node {
  return ask(`not ${not.id}`, { not })
}
