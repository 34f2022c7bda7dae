import type { CharacterSet } from './character-set.ts'
import type { Term } from './term.ts'

/** One step of a matcher: read a character, go one of several ways for nothing, or look whether an edge of the word is here. */
export type Step =
  | { readonly kind: 'read'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'ways'; readonly next: readonly number[] }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'match' }

/** A nondeterministic automaton: its steps by number. */
export type Nfa = { readonly steps: readonly Step[]; readonly first: number }

/** The automaton of a term. Its size is bounded by `sizeOf(term)`, which the caller has looked at. */
export function buildNfa(term: Term): Nfa {
  const steps: Step[] = [{ kind: 'match' }]
  const first = build(term, 0, steps)
  return { steps, first }
}

/** Adds the steps of a term that go on to `next`; answers the first of them. */
function build(term: Term, next: number, steps: Step[]): number {
  switch (term.kind) {
    case 'character':
      return add(steps, { kind: 'read', set: term.set, next })
    case 'start':
    case 'end':
      return add(steps, { kind: term.kind, next })
    case 'sequence':
      return term.terms.reduceRight((after, part) => build(part, after, steps), next)
    case 'choice':
      return fork(
        steps,
        term.terms.map((part) => build(part, next, steps)),
      )
    case 'repeat':
      return repeat(term, next, steps)
  }
}

function repeat({ term, min, max }: Term & { kind: 'repeat' }, next: number, steps: Step[]): number {
  const isEndless = max === Number.POSITIVE_INFINITY
  let first = isEndless ? endless(term, Math.min(min, 1), next, steps) : next
  if (!isEndless) for (let i = min; i < max; i++) first = fork(steps, [build(term, first, steps), next])
  for (let i = isEndless ? 1 : 0; i < min; i++) first = build(term, first, steps)
  return first
}

function endless(term: Term, min: number, next: number, steps: Step[]): number {
  const again = add(steps, { kind: 'ways', next: [] })
  const body = build(term, again, steps)
  steps[again] = { kind: 'ways', next: [body, next] }
  return min === 0 ? again : body
}

function fork(steps: Step[], ways: readonly number[]): number {
  const [only, ...others] = new Set(ways)
  return only !== undefined && others.length === 0 ? only : add(steps, { kind: 'ways', next: [...new Set(ways)] })
}

function add(steps: Step[], step: Step): number {
  return steps.push(step) - 1
}
