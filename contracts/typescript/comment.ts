import { isObject, type Json } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { commentLines } from './text.ts'

const LONGEST_VALUE = 200

/** What a schema says for people, and what it asks for that a type cannot say, as lines of a comment. */
export function commentOf(schema: JsonSchema): string[] {
  if (!isObject(schema)) return []
  const words = [schema.title, schema.description].filter((text) => typeof text === 'string' && text.trim() !== '')
  const demands = DEMANDS.flatMap(([keyword, tell]) => {
    const value = schema[keyword]
    return value === undefined || value === false ? [] : tell(value)
  })
  return [
    ...new Set(words.map(String)),
    ...(demands.length > 0 ? [`${capitalised(demands.join(', '))}.`] : []),
    ...('default' in schema ? [`Default: ${shown(schema.default ?? null)}.`] : []),
  ]
    .flatMap(commentLines)
    .concat(schema.deprecated === true ? ['@deprecated'] : [])
}

type Demand = readonly [keyword: string, tell: (value: Json) => string[]]

const DEMANDS: readonly Demand[] = [
  ['type', (type) => (type === 'integer' ? ['an integer'] : [])],
  ['format', (format) => [`in the format ${shown(format)}`]],
  ['pattern', (pattern) => [`matching ${shown(pattern)}`]],
  ['minimum', (least) => [`at least ${shown(least)}`]],
  ['exclusiveMinimum', (least) => [`more than ${shown(least)}`]],
  ['maximum', (most) => [`at most ${shown(most)}`]],
  ['exclusiveMaximum', (most) => [`less than ${shown(most)}`]],
  ['multipleOf', (step) => [`a multiple of ${shown(step)}`]],
  ['minLength', (least) => [`at least ${counted(least, 'character')}`]],
  ['maxLength', (most) => [`at most ${counted(most, 'character')}`]],
  ['minItems', (least) => (least === 0 ? [] : [`at least ${counted(least, 'item')}`])],
  ['maxItems', (most) => [`at most ${counted(most, 'item')}`]],
  ['uniqueItems', () => ['all items different']],
  ['minProperties', (least) => (least === 0 ? [] : [`at least ${counted(least, 'member')}`])],
  ['maxProperties', (most) => [`at most ${counted(most, 'member')}`]],
  ['contentEncoding', (encoding) => [`encoded as ${shown(encoding)}`]],
  ['contentMediaType', (type) => [`holding ${shown(type)}`]],
  ['patternProperties', (patterns) => (isObject(patterns) ? namesTold(Object.keys(patterns)) : [])],
]

function namesTold(patterns: readonly string[]): string[] {
  return patterns.length === 0
    ? []
    : [`names matching ${patterns.slice(0, 3).map(shown).join(', ')} have their own types`]
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function counted(number: Json, noun: string): string {
  return `${shown(number)} ${noun}${number === 1 ? '' : 's'}`
}

function shown(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return `\`${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text}\``.replace(
    /^`(-?[\d.]+)`$/,
    '$1',
  )
}
