import type { Json } from '../json.ts'
import { ANY_TYPE, TYPE } from '../schema/types.ts'
import { exactNode } from './exact.ts'
import { type Found, type Goal, isFound, type Search } from './family.ts'
import { fromList } from './listed.ts'
import { isAny, isNever, type Node, plainNode } from './node.ts'
import { arrays } from './types/array.ts'
import { numbers } from './types/number.ts'
import { objects } from './types/object.ts'
import { strings } from './types/string.ts'
import { type Question, withFamily } from './ways.ts'

/** Ends a search that has used up its steps, or that its caller stopped. */
export class SearchEnded extends Error {
  readonly reason: 'budget' | 'clock'
  constructor(reason: 'budget' | 'clock') {
    super(`The search ended: ${reason}`)
    this.reason = reason
  }
}

export type Limits = {
  readonly steps: number
  readonly shouldStop?: (() => boolean) | undefined
  readonly intern: (key: string) => number
}

/**
 * Looks for a value that some nodes accept and others refuse. Goal-directed: what must be refused is opened one broken
 * keyword at a time, and only where it does not contradict what is known of the value already.
 */
export function createSearch({ steps, shouldStop, intern }: Limits): Search {
  const known = new Map<string, Found>()
  const path = new Map<string, number>()
  let left = steps
  let lowestReturn = Number.POSITIVE_INFINITY

  const tick = (): void => {
    if (--left < 0) throw new SearchEnded('budget')
    if ((left & 255) === 0 && shouldStop?.()) throw new SearchEnded('clock')
  }
  const find = (met: readonly Node[], refused: readonly Node[]): Found => {
    tick()
    const goal = simplify(met, refused)
    if (goal === 'none') return 'none'
    const key = keyOf(goal)
    const answered = known.get(key)
    if (answered) return answered
    const depth = path.get(key)
    if (depth !== undefined) {
      // a smallest value never holds a part that answers the same question again
      lowestReturn = Math.min(lowestReturn, depth)
      return 'none'
    }
    path.set(key, path.size)
    const found = answer(goal, search)
    path.delete(key)
    // "none" may rest on a question further up that is still open; only there does it become a proof
    if (lowestReturn >= path.size) {
      lowestReturn = Number.POSITIVE_INFINITY
      known.set(key, found)
    } else if (isFound(found)) known.set(key, found)
    return found
  }
  const search: Search = {
    find,
    tick,
    constant: (value) => exactNode(value, intern),
    matching: (pattern) => {
      const node = plainNode('', {}, { types: TYPE.string, string: { pattern } })
      return Object.assign(node, { id: intern(`matching ${pattern}`), possible: TYPE.string })
    },
  }
  return search
}

function simplify(met: readonly Node[], refused: readonly Node[]): Goal | 'none' {
  if (met.some(isNever) || refused.some(isAny)) return 'none'
  const goal = {
    met: unique(met.filter((node) => !isAny(node))),
    refused: unique(refused.filter((node) => !isNever(node))),
  }
  return goal.met.some(({ id }) => goal.refused.some((other) => other.id === id)) ? 'none' : goal
}

function unique(nodes: readonly Node[]): Node[] {
  return nodes.length < 2
    ? [...nodes]
    : [...new Map(nodes.map((node) => [node.id, node])).values()].sort((a, b) => a.id - b.id)
}

function keyOf({ met, refused }: Goal): string {
  return `${met.map(({ id }) => id).join()}|${refused.map(({ id }) => id).join()}`
}

/** A value for a goal: from a list where one side lists all its values, else type by type, the simplest first. */
function answer(goal: Goal, search: Search): Found {
  const listed = shortestList(goal.met)
  if (listed) return fromList(goal, listed, ANY_TYPE, search)
  const types = goal.met.reduce((sum, { possible }) => sum & possible, ANY_TYPE)
  let failure: Found = 'none'
  for (const ask of QUESTIONS) {
    const found = ask(goal, types, search)
    if (isFound(found)) return found
    if (found !== 'none') failure = found
  }
  return failure
}

const QUESTIONS: readonly Question[] = [
  (goal, types, search) => fromList(goal, SMALL_VALUES, types, search),
  withFamily(strings, TYPE.string),
  withFamily(numbers, TYPE.integer | TYPE.fraction),
  withFamily(objects, TYPE.object),
  withFamily(arrays, TYPE.array),
]
const SMALL_VALUES: readonly Json[] = [null, true, false]

function shortestList(nodes: readonly Node[]): readonly Json[] | undefined {
  const lists = nodes.flatMap(({ candidates }) => (candidates ? [candidates] : []))
  return lists.reduce<readonly Json[] | undefined>(
    (least, list) => (!least || list.length < least.length ? list : least),
    undefined,
  )
}
