import type { Automaton } from './automaton.ts'
import { isQuick } from './backtracking.ts'
import { type Condition, mapLeaves, not } from './condition.ts'
import type { Pattern, Refusal } from './pattern.ts'
import { shortestWord } from './search.ts'

export type Wish = {
  readonly wanted: readonly Pattern[]
  readonly unwanted: readonly Pattern[]
  readonly minLength: number
  readonly maxLength: number
  readonly barred: readonly string[]
}

export type Answer = { readonly word: string } | { readonly none: true } | { readonly unknown: Refusal }

const MOST_REFUSED = 8

/**
 * The shortest word on which automata and RegExp agree. What an inexact pattern asks beyond its automaton is learnt from the
 * words that RegExp refuses; where it refuses a word for an exact one, one of the two is wrong, and nothing is known.
 */
export function confirmedWord(wish: Wish): Answer {
  if (wish.wanted.some((pattern) => wish.unwanted.includes(pattern))) return { none: true }
  const asked = numbered(satisfying(wish))
  const { minLength, maxLength } = wish
  const barred = [...wish.barred]
  for (let refused = 0; refused < MOST_REFUSED; refused++) {
    const found = shortestWord({ ...asked, minLength, maxLength, barred })
    for (const automaton of asked.automata) automaton.forget()
    if (found === 'none') return { none: true }
    if (found === 'too-large' || !isQuicklyJudged(wish, found.word)) return { unknown: 'pattern-too-large' }
    const opponents = refusing(wish, found.word)
    if (opponents.length === 0) return found
    if (opponents.some(({ isExact }) => isExact)) break
    barred.push(found.word)
  }
  return { unknown: 'pattern-beyond-regular' }
}

/** At least what a word must satisfy: an inexact pattern that must not match says nothing of which words do. */
function satisfying({ wanted, unwanted }: Wish): Condition<Automaton> {
  const exact = unwanted.filter(({ isExact }) => isExact)
  return {
    kind: 'all',
    of: [...wanted.map(({ condition }) => condition), ...exact.map(({ condition }) => not(condition))],
  }
}

type Numbered = { readonly condition: Condition<number>; readonly automata: readonly Automaton[] }

/** The readers of a condition, each once. */
function numbered(condition: Condition<Automaton>): Numbered {
  const places = new Map<Automaton, number>()
  const numbers = mapLeaves(condition, (automaton) => {
    const place = places.get(automaton) ?? places.size
    places.set(automaton, place)
    return place
  })
  return { condition: numbers, automata: [...places.keys()] }
}

function isQuicklyJudged({ wanted, unwanted }: Wish, word: string): boolean {
  return [...wanted, ...unwanted].every(({ paths }) => isQuick(paths, word))
}

/** The patterns for which RegExp says that the word is not as wished. */
function refusing({ wanted, unwanted }: Wish, word: string): readonly Pattern[] {
  return [...wanted.filter(({ regex }) => !regex.test(word)), ...unwanted.filter(({ regex }) => regex.test(word))]
}
