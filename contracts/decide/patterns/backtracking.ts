import { has } from './character-set.ts'
import type { Nfa } from './nfa.ts'

const MOST_PATHS = 1_000_000
const DEEPEST = 1_000

/** The ways in which RegExp may try a pattern: of one that no automaton reads exactly, more than there are. */
export type Paths = { readonly nfa: Nfa; readonly isExact: boolean }

/**
 * Whether RegExp says soon whether it finds a pattern in a word. It backtracks, so it may try every path through the pattern,
 * and `(a+)+$` has 2^40 of them in a word of forty letters; here they are counted without walking each.
 */
export function isQuick({ nfa, isExact }: Paths, word: string): boolean {
  // RegExp tries from the beginning of the word first, and from elsewhere only if that fails.
  return (isExact && tryFrom(nfa, word, 'here') === 'found') || tryFrom(nfa, word, 'anywhere') !== 'slow'
}

type Attempt = 'found' | 'failed' | 'slow'

function tryFrom(nfa: Nfa, word: string, start: 'here' | 'anywhere'): Attempt {
  const walk = createWalk(nfa)
  let arrived: readonly Arrival[] = [[nfa.first, 1]]
  let isStart = true
  for (const character of word) {
    walk.spread(arrived, { isStart, isEnd: false })
    const next = walk.read(character.codePointAt(0) ?? 0)
    arrived = start === 'here' ? next : [...next, [nfa.first, 1]]
    isStart = false
  }
  return walk.spread(arrived, { isStart, isEnd: true })
}

/** So many paths have come to a step. */
type Arrival = readonly [index: number, paths: number]
type Edges = { readonly isStart: boolean; readonly isEnd: boolean }

type Walk = {
  /** Carries the paths on to where each must read a character; says how it went so far. */
  readonly spread: (arrived: readonly Arrival[], edges: Edges) => Attempt
  readonly read: (codePoint: number) => readonly Arrival[]
}

function createWalk({ steps }: Nfa): Walk {
  const waiting = new Map<number, number>()
  const onPath: number[] = []
  let [spent, isFound] = [0, false]
  const go = (index: number, paths: number, edges: Edges): void => {
    const step = steps[index]
    spent += onPath.length > DEEPEST ? Infinity : paths
    if (!step || spent > MOST_PATHS || isTwiceIn(onPath, index)) return
    if (step.kind === 'match') isFound = true
    else if (step.kind === 'read') waiting.set(index, (waiting.get(index) ?? 0) + paths)
    else if (step.kind === 'ways') {
      onPath.push(index)
      for (const next of step.next) go(next, paths, edges)
      onPath.pop()
    } else if (step.kind === 'start' ? edges.isStart : edges.isEnd) go(step.next, paths, edges)
  }
  const spread = (arrived: readonly Arrival[], edges: Edges): Attempt => {
    for (const [index, paths] of arrived) go(index, paths, edges)
    if (spent > MOST_PATHS) return 'slow'
    return isFound ? 'found' : 'failed'
  }
  const read = (codePoint: number): readonly Arrival[] => {
    const arrived: Arrival[] = []
    for (const [index, paths] of waiting) {
      const step = steps[index]
      if (step?.kind === 'read' && has(step.set, codePoint)) arrived.push([step.next, paths])
    }
    waiting.clear()
    return arrived
  }
  return { spread, read }
}

/** A loop may be left and entered anew before it reads; round again for nothing is what RegExp refuses too. */
function isTwiceIn(path: readonly number[], index: number): boolean {
  const first = path.indexOf(index)
  return first >= 0 && path.indexOf(index, first + 1) >= 0
}
