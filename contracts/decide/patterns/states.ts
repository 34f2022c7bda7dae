import type { State } from './automaton.ts'

/** The states of an automaton by the steps at which they stand: each set of steps has one state. */
export type States = {
  readonly count: () => number
  /** How much is remembered: the states and the steps at which they stand. */
  readonly weight: () => number
  /** The state that stands where the given one does, which is that one itself if there was none. */
  readonly keep: (state: State) => State
  readonly clear: () => void
}

export function createStates(): States {
  // By hash and not by a text of the steps: for large sets, writing the text takes most of a search.
  const kept = new Map<number, State[]>()
  let [count, weight] = [0, 0]
  const keep = (state: State): State => {
    const hash = hashOf(state)
    const alike = kept.get(hash) ?? []
    const known = alike.find((other) => isSame(other, state))
    if (known) return known
    kept.set(hash, [...alike, state])
    count++
    weight += 1 + state.at.length
    return state
  }
  const clear = (): void => {
    kept.clear()
    count = 0
    weight = 0
  }
  return { count: () => count, weight: () => weight, keep, clear }
}

function hashOf({ at, isFound }: State): number {
  let hash = isFound ? 1 : 0
  for (const index of at) hash = (Math.imul(hash, 31) + index) | 0
  return hash
}

function isSame(one: State, other: State): boolean {
  return (
    one.isFound === other.isFound &&
    one.at.length === other.at.length &&
    one.at.every((index, i) => index === other.at[i])
  )
}
