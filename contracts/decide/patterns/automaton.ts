import { type CharacterSet, has } from './character-set.ts'
import { distancesIn } from './distance.ts'
import type { Nfa } from './nfa.ts'
import { createStates } from './states.ts'

/** Where a reader of one pattern stands after some characters. */
export type State = {
  readonly id: number
  /** Whether the pattern is found in the word, should it end here. */
  readonly isFound: boolean
  /** Whether no further character can change that. */
  readonly isSettled: boolean
  /** At least so many characters more are needed to find it. */
  readonly left: number
  /** The NFA's steps at which the reader may be. */
  readonly at: Uint32Array
  readonly known: Map<number, State>
}

/**
 * A deterministic reader that says whether a pattern is found anywhere in a word. Its states are made when a search first
 * comes by, since the whole of them can be exponential in the pattern, and are remembered.
 */
export type Automaton = {
  readonly nfa: Nfa
  readonly sets: readonly CharacterSet[]
  readonly first: State
  readonly read: (state: State, codePoint: number) => State
  /** Keeps the memory small between searches. */
  readonly forget: () => void
}

const MOST_KEPT_WEIGHT = 2_000

export function createAutomaton(nfa: Nfa): Automaton {
  const standing = createStanding(nfa)
  const states = createStates()
  const first = standing([nfa.first], { id: 0, isFirst: true })
  const read = (state: State, codePoint: number): State => {
    const known = state.known.get(codePoint)
    if (known) return known
    const id = states.count() + 1
    const next = state.isSettled ? state : states.keep(standing(after(nfa, state, codePoint), { id, isFirst: false }))
    state.known.set(codePoint, next)
    return next
  }
  const forget = (): void => {
    if (states.weight() <= MOST_KEPT_WEIGHT) return
    states.clear()
    first.known.clear()
  }
  return { nfa, sets: setsOf(nfa), first, read, forget }
}

function setsOf({ steps }: Nfa): CharacterSet[] {
  const sets = new Set(steps.flatMap((step) => (step.kind === 'read' ? [step.set] : [])))
  return [...new Map(Array.from(sets, (set) => [set.join(';'), set])).values()]
}

/** The steps to which a character leads; the search may also begin here anew. */
function after({ steps, first }: Nfa, { at }: State, codePoint: number): number[] {
  const next = [first]
  for (const index of at) {
    const step = steps[index]
    if (step?.kind === 'read' && has(step.set, codePoint)) next.push(step.next)
  }
  return next
}

type Standing = (entries: readonly number[], state: { readonly id: number; readonly isFirst: boolean }) => State

/** Tells where a reader stands that has come to some steps: it follows all ways on which nothing is read. */
function createStanding(nfa: Nfa): Standing {
  const distances = distancesIn(nfa)
  const follow = createFollow(nfa, distances)
  return (entries, { id, isFirst }) => {
    const known = new Map<number, State>()
    const at = follow(entries, { isFirst, isLast: false })
    if (!at) return { id, isFound: true, isSettled: true, left: 0, at: new Uint32Array(), known }
    const mayEnd = at.some((index) => nfa.steps[index]?.kind === 'end')
    const isFound = mayEnd && !follow(at, { isFirst, isLast: true })
    const left = at.reduce((least, index) => Math.min(least, distances[index] ?? 0), Infinity)
    return { id, isFound, isSettled: at.length === 0, left, at, known }
  }
}

type Moment = { readonly isFirst: boolean; readonly isLast: boolean }

/** The steps that wait for a character or for the end of the word; undefined when the pattern is found already. */
function createFollow({ steps }: Nfa, distances: readonly number[]) {
  const seen = new Uint32Array(steps.length)
  let round = 0
  return (entries: Iterable<number>, { isFirst, isLast }: Moment): Uint32Array | undefined => {
    round++
    const open = [...entries]
    const waiting: number[] = []
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const step = steps[index]
      if (!step || seen[index] === round || distances[index] === Infinity) continue
      seen[index] = round
      if (step.kind === 'match') return undefined
      if (step.kind === 'ways') open.push(...step.next)
      else if ((step.kind === 'start' && isFirst) || (step.kind === 'end' && isLast)) open.push(step.next)
      else if (step.kind !== 'start') waiting.push(index)
    }
    return Uint32Array.from(waiting).sort()
  }
}
