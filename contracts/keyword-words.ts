import { isObject, type Json, stepsOf } from './json.ts'

/** What stands at a keyword of a schema: the pointer's last step is the keyword. */
type Keyword = { readonly pointer: string; readonly value: Json }

/** What a reader takes, as its keyword says it: "takes only integers". */
export function tellDemand({ pointer, value }: Keyword): string {
  const keyword = stepsOf(pointer).at(-1) ?? ''
  const tell = Object.hasOwn(DEMANDS, keyword) ? DEMANDS[keyword] : undefined
  return tell?.(value) ?? `refuses it, since its "${keyword}" says ${showValue(value)}`
}

/** How a value breaks a keyword: "is more than the maximum 5". */
export function tellBreach({ pointer, value }: Keyword): string {
  const keyword = stepsOf(pointer).at(-1) ?? ''
  const tell = Object.hasOwn(BREACHES, keyword) ? BREACHES[keyword] : undefined
  return tell?.(value) ?? `does not meet "${keyword}"${value === keyword ? '' : `: ${showValue(value)}`}`
}

const LONGEST = 200
const MOST_VALUES = 8

/** A value as JSON, cut where it is long. */
export function showValue(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}

type Words = { readonly [keyword: string]: (value: Json) => string }

const DEMANDS: Words = {
  type: (type) => `takes only ${listed([type].flat().map(typeWord), 'or')}`,
  enum: (values) => `takes only ${Array.isArray(values) ? listed(shown(values), 'or') : showValue(values)}`,
  const: (value) => `takes only ${showValue(value)}`,
  minimum: (least) => `takes only numbers from ${showValue(least)} up`,
  exclusiveMinimum: (least) => `takes only numbers above ${showValue(least)}`,
  maximum: (most) => `takes only numbers up to ${showValue(most)}`,
  exclusiveMaximum: (most) => `takes only numbers below ${showValue(most)}`,
  multipleOf: (step) => `takes only multiples of ${showValue(step)}`,
  minLength: (least) => `takes only texts of at least ${counted(least, 'character')}`,
  maxLength: (most) => `takes only texts of at most ${counted(most, 'character')}`,
  pattern: (pattern) => FORMS.get(pattern) ?? `takes only texts that match ${showValue(pattern)}`,
  format: (format) => `takes only texts in the format ${showValue(format)}`,
  minItems: (least) => `takes only lists of at least ${counted(least, 'item')}`,
  maxItems: (most) => `takes only lists of at most ${counted(most, 'item')}`,
  uniqueItems: () => 'takes only lists without repetitions',
  contains: (schema) => `takes only lists in which an item fits ${showValue(schema)}`,
  minProperties: (least) => `takes only objects of at least ${counted(least, 'member')}`,
  maxProperties: (most) => `takes only objects of at most ${counted(most, 'member')}`,
  propertyNames: (schema) => `takes only names that fit ${showValue(schema)}`,
  not: (schema) => `takes nothing that fits ${showValue(schema)}`,
  anyOf: (branches) => alternatives(branches, 'one'),
  oneOf: (branches) => alternatives(branches, 'exactly one'),
}

const BREACHES: Words = {
  minimum: (least) => `is less than the minimum ${showValue(least)}`,
  exclusiveMinimum: (least) => `is not more than ${showValue(least)}`,
  maximum: (most) => `is more than the maximum ${showValue(most)}`,
  exclusiveMaximum: (most) => `is not less than ${showValue(most)}`,
  multipleOf: (step) => `is no multiple of ${showValue(step)}`,
  minLength: (least) => `has fewer than the ${counted(least, 'character')} that it needs`,
  maxLength: (most) => `has more than the ${counted(most, 'character')} that it may have`,
  minItems: (least) => `has fewer than the ${counted(least, 'item')} that it needs`,
  maxItems: (most) => `has more than the ${counted(most, 'item')} that it may have`,
  uniqueItems: () => 'has an item twice',
  minProperties: (least) => `has fewer than the ${counted(least, 'member')} that it needs`,
  maxProperties: (most) => `has more than the ${counted(most, 'member')} that it may have`,
  contains: () => 'has no item of the kind that "contains" asks for',
  anyOf: () => 'fits none of the alternatives of "anyOf"',
  oneOf: () => 'fits none of the alternatives of "oneOf", or more than one',
  not: () => 'fits what "not" rules out',
}

/** The patterns by which the texts of a stream's entry are compared with numbers and JSON. */
const FORMS: ReadonlyMap<Json, string> = new Map([
  ['^-?(?:0|[1-9][0-9]*)$', 'takes only integers, written in plain digits'],
  ['^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$', 'takes only numbers, written as in JSON'],
  ['^[\\[{]', 'takes only JSON'],
])

const TYPE_WORDS: ReadonlyMap<Json, string> = new Map([
  ['string', 'text'],
  ['integer', 'integers'],
  ['number', 'numbers'],
  ['boolean', 'true and false'],
  ['array', 'lists'],
  ['object', 'objects'],
])

function typeWord(type: Json): string {
  return TYPE_WORDS.get(type) ?? (typeof type === 'string' ? type : showValue(type))
}

function alternatives(branches: Json, wanted: string): string {
  const number = Array.isArray(branches) ? branches.length : 1
  const text = JSON.stringify(branches)
  const shownBranches = text.length <= LONGEST ? `: ${text}` : ''
  return `takes only what fits ${wanted} of its ${number} alternatives${shownBranches}`
}

function counted(value: Json, noun: string): string {
  return `${showValue(value)} ${noun}${value === 1 ? '' : 's'}`
}

function shown(values: readonly Json[]): string[] {
  const more = values.length - MOST_VALUES
  const told = values.slice(0, more > 1 ? MOST_VALUES : undefined).map(showValue)
  return more > 1 ? [...told, `${more} others`] : told
}

/** Words in a row, the last one behind "and" or "or". */
export function listed(words: readonly string[], before: 'and' | 'or'): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} ${before} ${words.at(-1)}`
}

/** The fields whose presence asks for another one, of `dependentRequired`. */
export function askersOf(value: Json, name: string): string[] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([asker, names]) =>
    Array.isArray(names) && names.includes(name) ? [asker] : [],
  )
}
