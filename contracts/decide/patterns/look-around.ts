import { type Condition, leaf, not } from './condition.ts'
import { type AnyTerm, END, isRegular, type Look, START, type Term } from './term.ts'

/** A pattern of which every alternative spreads to more than this is not taken apart. */
const MOST_ALTERNATIVES = 32

/**
 * What a word must satisfy for the term to match somewhere in it, in terms without look-arounds; undefined where that cannot
 * be said. A look beside `^` at the start of an alternative, or beside `$` at its end, is a question about the whole word,
 * so it can be asked beside the others; a look elsewhere cannot.
 */
export function withoutLooks(term: AnyTerm): Condition<Term> | undefined {
  if (isRegular(term)) return leaf(term)
  const alternatives = alternativesOf(term)
  const parts = alternatives?.map(conditionOf).filter((part) => part !== undefined)
  return parts && parts.length === alternatives?.length ? { kind: 'any', of: parts } : undefined
}

type Sequence = readonly AnyTerm[]

function conditionOf(sequence: Sequence): Condition<Term> | undefined {
  const { ahead, behind, rest } = splitOff(withPlainLooks(sequence))
  if (!rest.every((term) => isRegular(term))) return undefined
  const looks = [
    ...ahead.map((look) => askLook(look, [START, look.term])),
    ...behind.map((look) => askLook(look, [look.term, END])),
  ]
  const known = looks.filter((look) => look !== undefined)
  return known.length === looks.length
    ? { kind: 'all', of: [leaf<Term>({ kind: 'sequence', terms: rest }), ...known] }
    : undefined
}

function askLook(look: Look, terms: Sequence): Condition<Term> | undefined {
  const condition = withoutLooks({ kind: 'sequence', terms })
  return condition && look.isNegative ? not(condition) : condition
}

type Split = { readonly ahead: readonly Look[]; readonly behind: readonly Look[]; readonly rest: Sequence }

function splitOff(sequence: Sequence): Split {
  const opening = leading(sequence, 'start', (look) => !look.isBehind)
  const closing = leading(sequence.slice(opening.length).toReversed(), 'end', (look) => look.isBehind)
  const middle = sequence.slice(opening.length, sequence.length - closing.length)
  const edge = (terms: Sequence, anchor: Term) => (terms.length > 0 ? [anchor] : [])
  return {
    ahead: opening.filter(isLook),
    behind: closing.filter(isLook),
    rest: [...edge(opening, START), ...middle, ...edge(closing, END)],
  }
}

/** The run of anchors and looks with which the sequence begins; none where no anchor is among them. */
function leading(sequence: Sequence, anchor: 'start' | 'end', isSideways: (look: Look) => boolean): Sequence {
  const end = sequence.findIndex((term) => term.kind !== anchor && !(isLook(term) && isSideways(term)))
  const run = end < 0 ? sequence : sequence.slice(0, end)
  return run.some((term) => term.kind === anchor) ? run : []
}

/** `a(?=b)` is found where `ab` is, as nothing follows it; `(?<=a)b` likewise. */
function withPlainLooks(sequence: Sequence): Sequence {
  return sequence.map((term, index) => {
    const isOutermost = isLook(term) && index === (term.isBehind ? 0 : sequence.length - 1)
    return isOutermost && !term.isNegative ? term.term : term
  })
}

function isLook(term: AnyTerm): term is Look {
  return term.kind === 'look'
}

/** The term as a choice of sequences, spread until every look that stands in no repetition is an item of one of them. */
function alternativesOf(term: AnyTerm): readonly Sequence[] | undefined {
  if (term.kind === 'sequence') return collect(term.terms, [[]], joined)
  if (term.kind === 'choice' && !isRegular(term)) return collect(term.terms, [], together)
  return [[term]]
}

type Join = (some: readonly Sequence[], more: readonly Sequence[]) => readonly Sequence[]

const together: Join = (some, more) => [...some, ...more]
const joined: Join = (some, more) => some.flatMap((head) => more.map((tail) => [...head, ...tail]))

function collect(terms: Sequence, none: readonly Sequence[], join: Join): readonly Sequence[] | undefined {
  let all = none
  for (const term of terms) {
    const more = alternativesOf(term)
    if (!more) return undefined
    all = join(all, more)
    if (all.length > MOST_ALTERNATIVES) return undefined
  }
  return all
}
