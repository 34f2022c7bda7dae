import type { Json } from '../json.ts'
import { type Branch, type Family, type Found, type Goal, isFound, type Literal, type Search } from './family.ts'
import { fromList, judge } from './listed.ts'
import { isAny, isNever, type Node } from './node.ts'
import { choicesOf, isDisjoint, refusalsOf, unwrapped } from './refusals.ts'

export type Question = (goal: Goal, types: number, search: Search) => Found

/** Asks for a value of one type: every way through the choices and refusals, until one gives a value or all are closed. */
export function withFamily<Cell>(family: Family<Cell>, mask: number): Question {
  return (goal, types, search) => {
    if ((types & mask) === 0) return 'none'
    const state: State<Cell> = {
      goal,
      mask: types & mask,
      cell: family.create(types & mask),
      open: [],
      refused: [],
      met: new Set(),
      isBeyond: false,
    }
    const literals = [
      ...goal.met.map((node) => ({ node, isMet: true })),
      ...goal.refused.map((node) => ({ node, isMet: false })),
    ]
    return advance(family, state, literals, search)
  }
}

/** What is known on one way: the cell, the choices still open, and what is still to be refused. */
type State<Cell> = {
  readonly goal: Goal
  readonly mask: number
  readonly cell: Cell
  readonly open: (readonly Branch<Cell>[])[]
  readonly refused: Node[]
  readonly met: Set<number>
  isBeyond: boolean
}

/** Takes literals in, then goes on with the choice that leaves the fewest ways. */
function advance<Cell>(family: Family<Cell>, state: State<Cell>, literals: readonly Literal[], search: Search): Found {
  const listed = takeIn(family, state, literals)
  if (listed === 'none') return 'none'
  if (listed !== 'taken') return fromList(state.goal, listed, state.mask, search)
  const next = narrowest(family, state, search)
  if (next === 'none') return 'none'
  return next === undefined ? finish(family, state, search) : choose(family, state, next, search)
}

/** Opens what must be met down to its keywords. Answers a list where one lists all values that are left. */
function takeIn<Cell>(
  family: Family<Cell>,
  state: State<Cell>,
  literals: readonly Literal[],
): 'taken' | 'none' | readonly Json[] {
  const queue = [...literals]
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { isMet } = next
    const node = unwrapped(next.node)
    if (!isMet) state.refused.push(node)
    else if (!state.met.has(node.id) && !isAny(node)) {
      state.met.add(node.id)
      if ((node.possible & state.mask) === 0) return 'none'
      if (node.candidates) return node.candidates
      if (!family.meet(node, state.cell)) return 'none'
      state.open.push(...choicesOf(family, node))
      queue.push(...node.allOf.map((part) => ({ node: part, isMet: true })))
      if (node.not) state.refused.push(node.not)
      if (node.beyond.length > 0) state.isBeyond = true
    }
  }
  return state.refused.some(({ id }) => state.met.has(id)) ? 'none' : 'taken'
}

type Next<Cell> = {
  readonly ways: readonly Branch<Cell>[]
  readonly choice?: readonly Branch<Cell>[]
  readonly refused?: Node
}

/** Of all that is open, what leaves the fewest ways; choices of the writer before refusals, since they say most. */
function narrowest<Cell>(family: Family<Cell>, state: State<Cell>, search: Search): Next<Cell> | 'none' | undefined {
  let best: Next<Cell> | undefined
  for (const choice of state.open) {
    search.tick()
    const ways = choice.filter((way) => isPassable(family, state, way, search))
    if (ways.length === 0) return 'none'
    if (!best || ways.length < best.ways.length) best = { ways, choice }
  }
  if (best) return best
  for (const node of state.refused) {
    search.tick()
    const all = refusalsOf(family, state, node)
    if (all === undefined) continue
    const ways = all.filter((way) => isPassable(family, state, way, search))
    if (ways.length === 0) return 'none'
    if (!best || ways.length < best.ways.length) best = { ways, refused: node }
    if (ways.length === 1) return best
  }
  return best
}

function isPassable<Cell>(
  family: Family<Cell>,
  state: State<Cell>,
  { literals, isDead }: Branch<Cell>,
  search: Search,
): boolean {
  for (const { node, isMet } of literals) {
    if (isMet ? isNever(node) || isDisjoint(family, state, node) : isAny(node) || state.met.has(node.id)) return false
    if (isMet && state.refused.some(({ id }) => id === node.id)) return false
  }
  return !isDead?.(state.cell, search)
}

function choose<Cell>(
  family: Family<Cell>,
  state: State<Cell>,
  { ways, choice, refused }: Next<Cell>,
  search: Search,
): Found {
  let failure: Found = 'none'
  for (const way of ways) {
    search.tick()
    const branch: State<Cell> = {
      ...state,
      cell: family.copy(state.cell),
      open: state.open.filter((other) => other !== choice),
      refused: state.refused.filter((node) => node !== refused),
      met: new Set(state.met),
    }
    if (way.enter && !way.enter(branch.cell)) continue
    const found = advance(family, branch, way.literals, search)
    if (isFound(found)) return found
    if (found !== 'none') failure = found
  }
  return failure
}

/** Nothing is open any more: the cell gives a value, which is tried before it is believed. */
function finish<Cell>(family: Family<Cell>, { goal, cell, isBeyond }: State<Cell>, search: Search): Found {
  const built = family.build(cell, search)
  if (!isFound(built)) return built
  const judged = judge(goal, built.value)
  if (judged === true) return built
  return judged === false ? { unknown: isBeyond ? 'beyond-engine' : 'too-intricate' } : judged
}
