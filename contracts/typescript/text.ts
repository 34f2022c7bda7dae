import { isObject, type Json } from '../json.ts'
import { NEVER, type Type, word } from './tree.ts'

/** What is no letter to look at, and could hide or end what follows: it is written as an escape. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cn}\p{Co}]/gu

/** A JSON value as the type that only it has. */
export function literalOf(value: Json): Type {
  if (typeof value === 'string') return word(quote(value))
  if (Array.isArray(value)) return { kind: 'tuple', items: value.map((item) => always(literalOf(item as Json))) }
  if (!isObject(value)) return word(JSON.stringify(value))
  const members = Object.entries(value).map(([name, member]) => ({ ...always(literalOf(member)), name, comment: [] }))
  return members.length === 0 ? { kind: 'object', members, others: NEVER } : { kind: 'object', members }
}

function always(type: Type): { readonly type: Type; readonly isOptional: false } {
  return { type, isOptional: false }
}

/** Text as a literal of one line, in which nothing is left that could end it. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text).replaceAll(HIDDEN, escapeUnits)
  return /['\\]|\\"/.test(quoted.slice(1, -1)) ? quoted : `'${quoted.slice(1, -1)}'`
}

/** A property's name as it may stand in a type. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

/** Text as lines of a comment, in which nothing is left that could end it or be taken for a directive. */
export function commentLines(text: string): string[] {
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) =>
    line
      .replaceAll(HIDDEN, escapeUnits)
      .replaceAll('*/', '*\\/')
      .replaceAll(/(?<!\w)@/g, '\\@')
      .trimEnd(),
  )
}

/** In the form of UTF-16, which JSON, literals and readers know. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
