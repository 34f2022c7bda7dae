import { isObject } from '../json.ts'
import { ANY_TYPE, TYPE } from '../schema/types.ts'
import { type Node, plainNode } from './node.ts'

/** Of what something is left over: members of an object, or items of an array. */
export type Leftover = 'object' | 'array'

/**
 * `unevaluatedProperties` and `unevaluatedItems` speak of what the keywords beside them have left over, which depends on
 * the branches that a value takes. Each way through the branches is written out as a case of its own, with an ordinary
 * `additionalProperties` or `items` at its end. Undefined where the ways are too many to be written out, or where ajv and
 * the specification count differently.
 */
export function closeUnevaluated(node: Node, left: Node, of: Leftover): Node | undefined {
  const ways = waysBeside(node, { of, open: new Set() })
  if (ways === undefined || (of === 'array' && ways.some(({ isDisputed }) => isDisputed))) return undefined
  const cases = ways.map((way) => caseOf(node, way, left, of))
  const [only, ...others] = ways
  if (only && others.length === 0 && only.holds.length + only.fails.length === 0) return cases[0]
  // values of other types have nothing left over, whichever branches they take
  const other = plainNode(node.pointer, {}, { types: ANY_TYPE & ~TYPE[of] })
  return plainNode(node.pointer, node.raw, { anyOf: [...cases, other] })
}

/** One way through the branches: what must hold for it, and what it evaluates. */
type Way = {
  readonly holds: readonly Node[]
  readonly fails: readonly Node[]
  readonly names: readonly string[]
  readonly patterns: Node['object']['patterns']
  readonly isWhole: boolean
  readonly items: number
  /** What `contains` looks for; since 2020-12 it evaluates the items that it finds. */
  readonly sought: readonly Node[]
  /** Before, it evaluates nothing, but ajv has it otherwise. */
  readonly isDisputed: boolean
}

type Walk = { readonly of: Leftover; readonly open: Set<Node> }

const MOST_WAYS = 64
/** Subsets of an `anyOf` are tried up to this many branches. */
const MOST_BRANCHES = 4

/** The ways through a schema that has a part in a value beside others: what it leaves over is closed by itself. */
function waysThrough(node: Node, walk: Walk): readonly Way[] | undefined {
  const { raw } = node
  const isClosed = (keyword: string) => isObject(raw) && keyword in raw
  return waysBeside(node, walk)?.map((way) => ({
    ...way,
    isWhole: way.isWhole || isClosed('unevaluatedProperties'),
    items: isClosed('unevaluatedItems') ? Number.POSITIVE_INFINITY : way.items,
  }))
}

/** The ways through all that stands beside `unevaluatedProperties` and `unevaluatedItems`. */
function waysBeside(node: Node, walk: Walk): readonly Way[] | undefined {
  const { of, open } = walk
  if (open.has(node) || node.beyond.length > 0) return undefined
  open.add(node)
  const parts = [
    ...node.allOf.map((child) => waysThrough(child, walk)),
    anyWays(node, walk),
    oneWays(node, walk),
    conditionWays(node, walk),
    ...(of === 'object' ? node.object.dependentSchemas.map(([name, child]) => dependentWays(name, child, walk)) : []),
  ]
  open.delete(node)
  return parts.reduce<readonly Way[] | undefined>(cross, [ownWay(node)])
}

function ownWay({ object, array }: Node): Way {
  return {
    holds: [],
    fails: [],
    names: [...object.properties.keys()],
    patterns: object.patterns,
    isWhole: object.additional !== undefined,
    items: array.rest ? Number.POSITIVE_INFINITY : array.prefix.length,
    sought: array.contains?.isEvaluating ? [array.contains.node] : [],
    isDisputed: array.contains?.isEvaluating === false,
  }
}

function anyWays({ anyOf }: Node, walk: Walk): readonly Way[] | undefined {
  if (anyOf === undefined) return [NOTHING]
  if (anyOf.length > MOST_BRANCHES) return undefined
  const subsets = Array.from({ length: 2 ** anyOf.length - 1 }, (_, i) =>
    anyOf.filter((_branch, bit) => ((i + 1) >> bit) & 1),
  )
  return joined(subsets.map((subset) => subset.map((branch) => taking(branch, walk)).reduce(cross, [NOTHING])))
}

function oneWays({ oneOf }: Node, walk: Walk): readonly Way[] | undefined {
  return oneOf === undefined ? [NOTHING] : joined(oneOf.map((branch) => taking(branch, walk)))
}

function conditionWays({ condition }: Node, walk: Walk): readonly Way[] | undefined {
  if (condition === undefined) return [NOTHING]
  const met = cross(taking(condition.if, walk), condition.then ? waysThrough(condition.then, walk) : [NOTHING])
  const unmet = condition.else ? waysThrough(condition.else, walk) : [NOTHING]
  return joined([met, unmet?.map((way) => ({ ...way, fails: [...way.fails, condition.if] }))])
}

function dependentWays(name: string, child: Node, walk: Walk): readonly Way[] | undefined {
  const present = plainNode(child.pointer, {}, { object: { required: [name] } })
  const there = cross([{ ...NOTHING, holds: [present] }], waysThrough(child, walk))
  return joined([[{ ...NOTHING, fails: [present] }], there])
}

function taking(branch: Node, walk: Walk): readonly Way[] | undefined {
  return waysThrough(branch, walk)?.map((way) => ({ ...way, holds: [...way.holds, branch] }))
}

const NOTHING: Way = {
  holds: [],
  fails: [],
  names: [],
  patterns: [],
  isWhole: false,
  items: 0,
  sought: [],
  isDisputed: false,
}

function joined(alternatives: readonly (readonly Way[] | undefined)[]): readonly Way[] | undefined {
  return alternatives.includes(undefined) ? undefined : alternatives.flatMap((ways) => ways ?? [])
}

function cross(a: readonly Way[] | undefined, b: readonly Way[] | undefined): readonly Way[] | undefined {
  if (!a || !b || a.length * b.length > MOST_WAYS) return undefined
  return a.flatMap((one) => b.map((other) => both(one, other)))
}

function both(a: Way, b: Way): Way {
  return {
    holds: [...a.holds, ...b.holds],
    fails: [...a.fails, ...b.fails],
    names: [...a.names, ...b.names],
    patterns: [...a.patterns, ...b.patterns],
    isWhole: a.isWhole || b.isWhole,
    items: Math.max(a.items, b.items),
    sought: [...a.sought, ...b.sought],
    isDisputed: a.isDisputed || b.isDisputed,
  }
}

function caseOf({ pointer, raw }: Node, way: Way, left: Node, of: Leftover): Node {
  const fails = way.fails.map((not) => plainNode(not.pointer, {}, { not }))
  const rest = of === 'object' ? { object: membersLeft(pointer, way, left) } : { array: itemsLeft(pointer, way, left) }
  return plainNode(pointer, raw, { allOf: [...way.holds, ...fails], ...rest })
}

function membersLeft(pointer: string, { names, patterns, isWhole }: Way, left: Node): Partial<Node['object']> {
  if (isWhole) return {}
  const any = plainNode(pointer, true, {})
  return {
    properties: new Map(names.map((name) => [name, any])),
    patterns: patterns.map((pattern) => ({ ...pattern, node: any })),
    additional: left,
  }
}

function itemsLeft(pointer: string, way: Way, left: Node): Partial<Node['array']> {
  if (way.items === Number.POSITIVE_INFINITY) return {}
  return { prefix: Array.from({ length: way.items }, () => plainNode(pointer, true, {})), rest: orSought(left, way) }
}

/** What is left of the items: those that `contains` did not find. */
function orSought(leftItems: Node, { sought }: Way): Node {
  return sought.length === 0 ? leftItems : plainNode(leftItems.pointer, {}, { anyOf: [leftItems, ...sought] })
}
