import { formatTest } from '../../check/formats.ts'
import { hasFormat, lengthOf } from '../accepts.ts'
import type { Branch, Family, Found } from '../family.ts'
import type { Node } from '../node.ts'
import { findWord } from '../patterns/find-word.ts'
import { samplesOf, shapesOf } from './format.ts'

type StringCell = {
  min: number
  max: number
  readonly matching: string[]
  readonly avoiding: string[]
  readonly formats: string[]
  readonly otherFormats: string[]
  readonly barred: string[]
}

export const strings: Family<StringCell> = {
  create: () => ({
    min: 0,
    max: Number.POSITIVE_INFINITY,
    matching: [],
    avoiding: [],
    formats: [],
    otherFormats: [],
    barred: [],
  }),
  copy: (cell) => ({
    ...cell,
    matching: [...cell.matching],
    avoiding: [...cell.avoiding],
    formats: [...cell.formats],
    otherFormats: [...cell.otherFormats],
    barred: [...cell.barred],
  }),
  meet,
  choices: () => [],
  refuse,
  isDisjoint: ({ min, max }, { string }) => string.minLength > max || string.maxLength < min,
  build,
}

function meet({ string }: Node, cell: StringCell): boolean {
  const { minLength, maxLength, pattern, format } = string
  cell.min = Math.max(cell.min, minLength)
  cell.max = Math.min(cell.max, maxLength)
  if (pattern !== undefined) cell.matching.push(pattern)
  if (format !== undefined && isAsserted(format)) cell.formats.push(format)
  return isInhabited(cell)
}

/** The same format on both sides is the same set of texts, whatever it may be; a pattern likewise. */
function isInhabited({ min, max, matching, avoiding, formats, otherFormats }: StringCell): boolean {
  return (
    min <= max &&
    !formats.some((format) => otherFormats.includes(format)) &&
    !matching.some((pattern) => avoiding.includes(pattern))
  )
}

function isAsserted(format: string): boolean {
  return typeof formatTest(format) === 'function'
}

function refuse({ values, string }: Node): Branch<StringCell>[] {
  const { minLength, maxLength, pattern, format } = string
  const ways: ((cell: StringCell) => void)[] = []
  if (values) ways.push((cell) => cell.barred.push(...values.filter((value) => typeof value === 'string')))
  if (minLength > 0) ways.push((cell) => (cell.max = Math.min(cell.max, minLength - 1)))
  if (maxLength < Number.POSITIVE_INFINITY) ways.push((cell) => (cell.min = Math.max(cell.min, maxLength + 1)))
  if (pattern !== undefined) ways.push((cell) => cell.avoiding.push(pattern))
  if (format !== undefined && isAsserted(format)) ways.push((cell) => cell.otherFormats.push(format))
  return ways.map((way) => ({ literals: [], enter: (cell) => (way(cell), isInhabited(cell)) }))
}

/** Longer texts than this are not built to show a length. */
const LONGEST = 1_000_000

function isPlain({ matching, avoiding, otherFormats, barred }: StringCell): boolean {
  return matching.length + avoiding.length + otherFormats.length + barred.length === 0
}

const MOST_WORDS = 8

function build(cell: StringCell): Found {
  if (cell.formats.length > 0) return fromSamples(cell)
  if (isPlain(cell) && cell.min <= LONGEST) return { value: 'a'.repeat(cell.min) }
  const barred = [...cell.barred]
  for (let i = 0; i < MOST_WORDS; i++) {
    const answer = findWord({
      matching: cell.matching,
      avoiding: cell.avoiding,
      minLength: cell.min,
      maxLength: cell.max,
      barred,
    })
    if ('none' in answer) return i === 0 ? 'none' : { unknown: 'format' }
    if ('unknown' in answer) return { unknown: 'pattern' }
    const { word } = answer
    if (!cell.otherFormats.some((format) => hasFormat(format, word))) return { value: word }
    barred.push(word)
  }
  return { unknown: 'format' }
}

/** What a format accepts is not computed, only known by examples and by a pattern that all its texts match. */
function fromSamples(cell: StringCell): Found {
  const found = cell.formats.flatMap((format) => samplesOf(format, cell.min)).find((text) => isFit(cell, text))
  if (found !== undefined) return { value: found }
  const matching = [...cell.matching, ...cell.formats.flatMap((format) => shapesOf(format))]
  const answer = findWord({
    matching,
    avoiding: cell.avoiding,
    minLength: cell.min,
    maxLength: cell.max,
    barred: cell.barred,
  })
  if ('none' in answer) return 'none'
  return 'word' in answer && isFit(cell, answer.word) ? { value: answer.word } : { unknown: 'format' }
}

function isFit({ formats, otherFormats, matching, avoiding, min, max, barred }: StringCell, text: string): boolean {
  const length = lengthOf(text)
  return (
    length >= min &&
    length <= max &&
    !barred.includes(text) &&
    formats.every((format) => hasFormat(format, text)) &&
    !otherFormats.some((format) => hasFormat(format, text)) &&
    matching.every((pattern) => new RegExp(pattern, 'u').test(text)) &&
    !avoiding.some((pattern) => new RegExp(pattern, 'u').test(text))
  )
}
