import { alphabetOf, type Letter } from './alphabet.ts'
import type { Automaton, State } from './automaton.ts'
import { type Barred, type Branch, treeOf } from './barred-words.ts'
import { type CharacterSet, complement, EVERYTHING, has } from './character-set.ts'
import { type Condition, truthOf } from './condition.ts'
import { byTaste, friendliest } from './friendly.ts'
import { createFrontier } from './frontier.ts'

export type Question = {
  /** Over the readers by their place in `automata`. */
  readonly condition: Condition<number>
  readonly automata: readonly Automaton[]
  readonly minLength: number
  readonly maxLength: number
  readonly barred: readonly string[]
}

export type Found = { readonly word: string } | 'none' | 'too-large'

/** A shortest word that the question allows, made of friendly letters; U+0000 only where no other does. */
export function shortestWord(question: Question): Found {
  const sets = [...new Set(question.automata.flatMap((automaton) => automaton.sets))]
  const found = search(question, alphabetOf(sets, WITHOUT_NUL))
  if (found !== 'none') return found
  const alphabet = alphabetOf(sets, EVERYTHING)
  const isNulSpecial = question.barred.length > 0 || alphabet.some(({ codePoint }) => codePoint === 0)
  return isNulSpecial ? search(question, alphabet) : 'none'
}

const WITHOUT_NUL = complement([[0, 0]])

/** After some characters of a word: where each reader stands. */
type Place = {
  readonly states: readonly State[]
  readonly barred: Barred
  readonly codePoint: number
  readonly length: number
  readonly before: Place | undefined
  /** No word from here can be shorter. */
  readonly promise: number
}

/**
 * A*: first the places from which the shortest words seem possible, so that the first word met is a shortest. A place met
 * again is no news; until the least length is reached, only if it is met at the same length.
 */
function search(question: Question, alphabet: readonly Letter[]): Found {
  const frontier = createFrontier<Place>()
  const walked = new Set<string>()
  const spend = createBudget()
  frontier.add([begin(question)].filter(({ promise }) => promise < Infinity && promise <= question.maxLength))
  for (let place = frontier.take(); place; place = frontier.take()) {
    if (isWord(question, place)) return { word: wordTo(place, question.minLength) }
    const key = keyOf(question, place)
    if (walked.has(key)) continue
    walked.add(key)
    if (!spend(place, alphabet)) return 'too-large'
    const next = choices(alphabet, place.barred).map((choice) => follow(question, place, choice))
    frontier.add(
      certainFirst(
        question,
        next.filter((following) => isHopeful(question, following)),
      ),
    )
  }
  return 'none'
}

function begin({ automata, condition, minLength, barred }: Question): Place {
  const states = automata.map(({ first }) => first)
  const promise = Math.max(minLength, charactersLeft(condition, states))
  return { states, barred: treeOf(barred), codePoint: 0, length: 0, before: undefined, promise }
}

function follow({ automata, condition, minLength }: Question, before: Place, { codePoint, barred }: Choice): Place {
  const states = before.states.map((state, index) => automata[index]?.read(state, codePoint) ?? state)
  const length = before.length + 1
  const promise = Math.max(minLength, length + charactersLeft(condition, states))
  return { states, barred, codePoint, length, before, promise }
}

function isHopeful({ maxLength }: Question, { promise }: Place): boolean {
  return promise < Infinity && promise <= maxLength
}

/** At least so many characters more are needed. */
function charactersLeft(condition: Condition<number>, states: readonly State[]): number {
  switch (condition.kind) {
    case 'leaf':
      return states[condition.leaf]?.left ?? 0
    case 'not':
      return isCertain(condition.of, states) ? Infinity : 0
    case 'all':
      return condition.of.reduce((most, part) => Math.max(most, charactersLeft(part, states)), 0)
    case 'any':
      return condition.of.reduce((least, part) => Math.min(least, charactersLeft(part, states)), Infinity)
  }
}

/** Whether the condition holds whatever characters follow. */
function isCertain(condition: Condition<number>, states: readonly State[]): boolean {
  return truthOf(condition, (index) => (states[index]?.isSettled ? states[index].isFound : undefined)) === true
}

function isWord({ condition, minLength }: Question, { states, barred, length }: Place): boolean {
  if (barred?.isWhole) return false
  if (length < minLength) return barred === undefined && isCertain(condition, states)
  return truthOf(condition, (index) => states[index]?.isFound) === true
}

/** A word that is certain early is found soon, and RegExp has less to try in it: `baaa…` avoids `^(a+)+$` as well as `…aaab`. */
function certainFirst(question: Question, places: readonly Place[]): readonly Place[] {
  const certain = places.filter((place) => place.length < question.minLength && isWord(question, place))
  return certain.length === 0 ? places : [...certain, ...places.filter((place) => !certain.includes(place))]
}

function wordTo(end: Place, minLength: number): string {
  const characters: string[] = []
  for (let place = end; place.before; place = place.before) characters.push(String.fromCodePoint(place.codePoint))
  return characters.toReversed().join('') + 'a'.repeat(Math.max(0, minLength - end.length))
}

function keyOf({ minLength }: Question, { states, barred, length }: Place): string {
  let key = length < minLength ? `${length} ${barred?.id}` : `${barred?.id}`
  for (const { id } of states) key += ` ${id}`
  return key
}

type Choice = { readonly codePoint: number; readonly barred: Barred }

/** One character of each letter; where barred words go on from here, theirs too, and one that leaves them. */
function choices(alphabet: readonly Letter[], barred: Barred): readonly Choice[] {
  if (!barred) return alphabet.map(({ codePoint }) => ({ codePoint, barred: undefined }))
  const all = alphabet.flatMap(({ set }) => [...along(set, barred), ...leaving(set, barred)])
  return all.sort((a, b) => byTaste(a.codePoint, b.codePoint))
}

function along(set: CharacterSet, barred: Branch): Choice[] {
  return [...barred.next].flatMap(([codePoint, next]) => (has(set, codePoint) ? [{ codePoint, barred: next }] : []))
}

function leaving(set: CharacterSet, barred: Branch): Choice[] {
  const others = [...barred.next.keys()].map((codePoint) => [codePoint, codePoint] as const)
  const codePoint = friendliest(complement([...complement(set), ...others]))
  return codePoint === undefined ? [] : [{ codePoint, barred: undefined }]
}

const MOST_WORK = 400_000
const WORK_OF_STEP = 10

/** Counts steps and their size, not time: the same question is given up at the same step everywhere. */
function createBudget(): (place: Place, alphabet: readonly Letter[]) => boolean {
  let work = 0
  return ({ states }, { length: letters }) => {
    work += letters * states.reduce((size, { at }) => size + 1 + at.length, WORK_OF_STEP)
    return work <= MOST_WORK
  }
}
