import type { Nfa, Step } from './nfa.ts'

/**
 * From each step of an automaton, the fewest characters to a match; Infinity where there is none. At least that many are
 * needed: the edges of the word may ask for more.
 */
export function distancesIn({ steps }: Nfa): readonly number[] {
  const distances = steps.map(() => Number.POSITIVE_INFINITY)
  // A step is built after those that it leads to, but for the loops: so this settles within a few rounds.
  for (let isSettled = false; !isSettled; ) {
    isSettled = true
    for (const [index, step] of steps.entries()) {
      const distance = distanceOf(step, distances)
      if (distance === distances[index]) continue
      distances[index] = distance
      isSettled = false
    }
  }
  return distances
}

function distanceOf(step: Step, distances: readonly number[]): number {
  const from = (next: number): number => distances[next] ?? Number.POSITIVE_INFINITY
  switch (step.kind) {
    case 'match':
      return 0
    case 'read':
      return step.set.length === 0 ? Number.POSITIVE_INFINITY : from(step.next) + 1
    case 'ways':
      return Math.min(...step.next.map(from), Number.POSITIVE_INFINITY)
    case 'start':
    case 'end':
      return from(step.next)
  }
}
