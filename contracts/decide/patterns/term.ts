import { type CharacterSet, EVERYTHING } from './character-set.ts'

/** A regular expression as a tree; `Extra` names what stands in it that an automaton of its own cannot read. */
export type Term<Extra = never> =
  | { readonly kind: 'character'; readonly set: CharacterSet }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly terms: readonly Term<Extra>[] }
  | { readonly kind: 'repeat'; readonly term: Term<Extra>; readonly min: number; readonly max: number }
  | Extra

/** A look ahead or behind: what stands there must match the term, or must not. */
export type Look = {
  readonly kind: 'look'
  readonly isBehind: boolean
  readonly isNegative: boolean
  readonly term: AnyTerm
}

/** What no automaton reads (word boundaries, back-references), with a regular term that matches at least as much. */
export type Beyond = { readonly kind: 'beyond'; readonly wider: Term }

export type AnyTerm = Term<Look | Beyond>

export const NOTHING: Term = { kind: 'sequence', terms: [] }
export const START: Term = { kind: 'start' }
export const END: Term = { kind: 'end' }
export const ANYTHING: Term = {
  kind: 'repeat',
  term: { kind: 'character', set: EVERYTHING },
  min: 0,
  max: Number.POSITIVE_INFINITY,
}

/** Whether an automaton can read the term as it is. */
export function isRegular(term: AnyTerm): term is Term {
  switch (term.kind) {
    case 'look':
    case 'beyond':
      return false
    case 'sequence':
    case 'choice':
      return term.terms.every(isRegular)
    case 'repeat':
      return isRegular(term.term)
    case 'character':
    case 'start':
    case 'end':
      return true
  }
}

/** A regular term that matches wherever this one does, and perhaps elsewhere. */
export function widen(term: AnyTerm): Term {
  switch (term.kind) {
    case 'look':
      // Beside nothing, what is looked for: the paths through it must be counted before RegExp is asked.
      return { kind: 'choice', terms: [NOTHING, widen(term.term)] }
    case 'beyond':
      return term.wider
    case 'sequence':
    case 'choice':
      return { kind: term.kind, terms: term.terms.map(widen) }
    case 'repeat':
      return { ...term, term: widen(term.term) }
    case 'character':
    case 'start':
    case 'end':
      return term
  }
}

/** How many nodes its automaton needs, at least. */
export function sizeOf(term: AnyTerm): number {
  switch (term.kind) {
    case 'look':
      return 1 + sizeOf(term.term)
    case 'beyond':
      return 1 + sizeOf(term.wider)
    case 'sequence':
    case 'choice':
      return term.terms.reduce((size, part) => size + sizeOf(part), 1)
    case 'repeat':
      return 1 + (sizeOf(term.term) + 1) * copies(term.min, term.max)
    case 'character':
    case 'start':
    case 'end':
      return 1
  }
}

function copies(min: number, max: number): number {
  return max === Number.POSITIVE_INFINITY ? Math.max(min, 1) : max
}
