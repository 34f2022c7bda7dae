import { type Automaton, createAutomaton } from './automaton.ts'
import type { Paths } from './backtracking.ts'
import { createCache } from './cache.ts'
import { type Condition, leaf, mapLeaves } from './condition.ts'
import { withoutLooks } from './look-around.ts'
import { buildNfa } from './nfa.ts'
import { parseTerm } from './parse-term.ts'
import { type AnyTerm, isRegular, sizeOf, type Term, widen } from './term.ts'

/** A JSON Schema pattern, ready to be searched for. */
export type Pattern = {
  readonly regex: RegExp
  readonly paths: Paths
  /** What a word must satisfy to match. */
  readonly condition: Condition<Automaton>
  /** Whether every word that satisfies the condition matches; else some may not. */
  readonly isExact: boolean
}

export type Refusal = 'pattern-beyond-regular' | 'pattern-too-large'

const MOST_NODES = 10_000
const LONGEST_PATTERN = 20_000
const DEEPEST_NESTING = 200

/** About five hundred usual patterns, or twenty of the largest. */
const MOST_KEPT_NODES = 200_000

const patterns = createCache<Pattern | Refusal>({
  limit: MOST_KEPT_NODES,
  weigh: (pattern, source) => 400 + source.length + (typeof pattern === 'string' ? 0 : pattern.paths.nfa.steps.length),
})

export function readPattern(source: string): Pattern | Refusal {
  return patterns.find(source, () => compile(source))
}

function compile(source: string): Pattern | Refusal {
  if (source.length > LONGEST_PATTERN || nesting(source) > DEEPEST_NESTING) return 'pattern-too-large'
  const parsed = parse(source)
  if (!parsed) return 'pattern-beyond-regular'
  const { regex, term } = parsed
  if (sizeOf(term) > MOST_NODES) return 'pattern-too-large'
  const exact = withoutLooks(term)
  if (exact && sizeOfAll(exact) > MOST_NODES) return 'pattern-too-large'
  const condition = mapLeaves(exact ?? leaf(widen(term)), (part) => createAutomaton(buildNfa(part)))
  return { regex, paths: pathsOf(term, condition), condition, isExact: exact !== undefined }
}

type Parsed = { readonly regex: RegExp; readonly term: AnyTerm }

/** Both RegExp and the parser must take it: an invalid pattern is none that an automaton could read. */
function parse(source: string): Parsed | undefined {
  try {
    return { regex: new RegExp(source, 'u'), term: parseTerm(source) }
  } catch {
    return undefined
  }
}

function pathsOf(term: AnyTerm, condition: Condition<Automaton>): Paths {
  const isExact = isRegular(term)
  return { isExact, nfa: condition.kind === 'leaf' ? condition.leaf.nfa : buildNfa(widen(term)) }
}

function sizeOfAll(condition: Condition<Term>): number {
  switch (condition.kind) {
    case 'leaf':
      return sizeOf(condition.leaf)
    case 'not':
      return sizeOfAll(condition.of)
    case 'all':
    case 'any':
      return condition.of.reduce((size, part) => size + sizeOfAll(part), 0)
  }
}

/** How deep its parentheses nest, or more: an escaped one counts as well. */
function nesting(source: string): number {
  let [depth, deepest] = [0, 0]
  for (const character of source) {
    if (character === '(') depth++
    else if (character === ')') depth--
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
