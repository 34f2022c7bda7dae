import { createCache } from './cache.ts'
import { confirmedWord } from './confirmed-word.ts'
import { type Pattern, type Refusal, readPattern } from './pattern.ts'

/** Which words are asked for. Patterns are JSON Schema's: ECMAScript with flag u, found anywhere in the word. */
export type WordQuery = {
  readonly matching: readonly string[]
  readonly avoiding: readonly string[]
  /** In code points, as all lengths here. */
  readonly minLength: number
  /** Infinity for none. */
  readonly maxLength: number
  /** Words that are not allowed. */
  readonly barred: readonly string[]
}

/** A shortest word, the proof that there is none, or why neither is known. */
export type WordAnswer = { readonly word: string } | { readonly none: true } | { readonly unknown: Refusal }

/**
 * Finds a shortest word that matches some patterns and avoids others, or proves that there is none. Words are well-formed
 * Unicode in friendly characters, and RegExp has confirmed each. Never throws, and gives up after a fixed number of steps,
 * so that the same query has the same answer everywhere.
 */
export function findWord(query: WordQuery): WordAnswer {
  return answerByLength(query) ?? answers.find(keyOf(query), () => answerByPatterns(query))
}

/** Whether an automaton can read a pattern exactly; of others, findWord knows only what RegExp confirms. */
export function isDecidable(pattern: string): boolean {
  const read = readPattern(pattern)
  return typeof read === 'object' && read.isExact
}

const LONGEST_WORD = 20_000
const MOST_ANSWER_CHARACTERS = 5_000_000

const answers = createCache<WordAnswer>({
  limit: MOST_ANSWER_CHARACTERS,
  weigh: (answer, key) => 500 + key.length + ('word' in answer ? answer.word.length : 0),
})

function keyOf({ matching, avoiding, minLength, maxLength, barred }: WordQuery): string {
  return `${minLength} ${maxLength} ${JSON.stringify([matching, avoiding, barred])}`
}

/** What is plain without a pattern. */
function answerByLength({ matching, avoiding, minLength, maxLength, barred }: WordQuery): WordAnswer | undefined {
  if (maxLength < Math.max(0, minLength)) return { none: true }
  if (minLength > LONGEST_WORD) return { unknown: 'pattern-too-large' }
  const isFree = matching.length + avoiding.length + barred.length === 0
  return isFree ? { word: 'a'.repeat(Math.max(0, Math.ceil(minLength))) } : undefined
}

function answerByPatterns({ matching, avoiding, minLength, maxLength, barred }: WordQuery): WordAnswer {
  const wanted = readAll(matching)
  const unwanted = readAll(avoiding)
  if (typeof wanted === 'string') return { unknown: wanted }
  if (typeof unwanted === 'string') return { unknown: unwanted }
  return confirmedWord({ wanted, unwanted, minLength: Math.ceil(minLength), maxLength, barred })
}

function readAll(sources: readonly string[]): readonly Pattern[] | Refusal {
  const patterns: Pattern[] = []
  for (const source of new Set(sources)) {
    const pattern = readPattern(source)
    if (typeof pattern === 'string') return pattern
    patterns.push(pattern)
  }
  return patterns
}
