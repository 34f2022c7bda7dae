import { type DeadLetter, type ShownDeadLetter, wordsOf } from '../streams/index.ts'
import { paint, printable, tableOf } from './table.ts'

/** Dead letters for people: a line for each, and below it its fields where they were asked for. */
export function tellLetters(letters: readonly DeadLetter[]): string {
  const headings = ['ID', 'ORIGINAL ID', 'REASON', 'PARKED', 'CONSUMER', 'TRIES', 'WHY']
  const [heading = '', ...lines] = tableOf(headings, letters.map(cellsOf)).split('\n')
  return [heading, ...lines.flatMap((line, i) => [line, ...fieldLines(letters[i]?.fields ?? [], SHORT)])].join('\n')
}

/** One dead letter, whole, for people. */
export function tellLetter({ words, fields, ...letter }: ShownDeadLetter): string {
  const facts: [string, string][] = [
    ['id', letter.id],
    ['original id', letter.originalId],
    ['reason', letter.reason],
    ['parked', timeOf(letter.at)],
    ['consumer', letter.consumer],
    ...(letter.attempts === undefined ? [] : [['tries', String(letter.attempts)] satisfies [string, string]]),
    ...words.map((line, i): [string, string] => [i === 0 ? 'why' : '', line]),
  ]
  const lines = facts.map(([name, value]) => `${paint('bold', name.padEnd(11))}  ${printable(value, LONG)}`)
  const held = fields.length === 0 ? [] : [paint('bold', 'fields'), ...fieldLines(fields, LONG)]
  return [...lines, ...held].join('\n')
}

const SHORT = 200
const LONG = 2000

function cellsOf(letter: DeadLetter): string[] {
  const [first = '', ...others] = wordsOf(letter)
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return [
    letter.id,
    letter.originalId,
    letter.reason,
    timeOf(letter.at),
    letter.consumer,
    letter.attempts === undefined ? '' : String(letter.attempts),
    printable(first, 120) + more,
  ].map((cell) => printable(cell, SHORT))
}

function fieldLines(fields: readonly string[], longest: number): string[] {
  const pairs = fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []))
  return pairs.map(
    ([name = '', value = '']) => `  ${paint('dim', printable(name, longest))}  ${printable(value, longest)}`,
  )
}

/** To the second, as far as it is a time at all. */
function timeOf(at: number): string {
  return Number.isSafeInteger(at) && at < LAST_TIME ? `${new Date(at).toISOString().slice(0, 19)}Z` : String(at)
}

const LAST_TIME = 8.64e15
