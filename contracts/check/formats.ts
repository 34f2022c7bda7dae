import { fullFormats } from 'ajv-formats/dist/formats.js'

type Format = RegExp | ((text: string) => boolean)

/**
 * The test of a string format, equal to the one that ajv runs; `ignored` for a format that ajv does not know and so does
 * not assert, `other` for one that is not about strings alone.
 */
export function formatTest(name: string): ((text: string) => boolean) | 'ignored' | 'other' {
  const known: unknown = Object.hasOwn(fullFormats, name) ? fullFormats[name as keyof typeof fullFormats] : undefined
  if (known === undefined) return 'ignored'
  const test = testOf(known)
  if (test === undefined) return 'other'
  if (name === 'uuid') return (text) => isPlainUuid(text) || test(text)
  if (name === 'date-time') return (text) => isPlainDateTime(text) || test(text)
  return test
}

function testOf(known: unknown): ((text: string) => boolean) | undefined {
  const format = isDefinition(known) ? known.validate : known
  if (format instanceof RegExp) return (text) => format.test(text)
  return typeof format === 'function' ? (format as Exclude<Format, RegExp>) : undefined
}

function isDefinition(known: unknown): known is { validate: Format } {
  return (
    typeof known === 'object' && known !== null && 'validate' in known && !('type' in known && known.type === 'number')
  )
}

/** 36 characters in the usual form. Whatever else the format allows is left to its full test. */
function isPlainUuid(text: string): boolean {
  if (text.length !== 36) return false
  for (const place of [8, 13, 18, 23] as const) if (text.charCodeAt(place) !== DASH) return false
  return isHex(text, 0, 8) && isHex(text, 9, 13) && isHex(text, 14, 18) && isHex(text, 19, 23) && isHex(text, 24, 36)
}

const DASH = 45
const HEX = new Uint8Array(128)
for (const digit of '0123456789abcdefABCDEF') HEX[digit.charCodeAt(0)] = 1

function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (HEX[text.charCodeAt(i)] !== 1) return false
  return true
}

/** `2026-11-20T08:30:00.123Z` with a day up to 28. Whatever else the format allows is left to its full test. */
function isPlainDateTime(text: string): boolean {
  const last = text.length - 1
  if (last < 19 || text.charCodeAt(last) !== 90 || !hasDateTimeMarks(text)) return false
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  if (!(digits(text, 0, 4) >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return false
  if (!(digits(text, 11, 13) <= 23 && digits(text, 14, 16) <= 59 && digits(text, 17, 19) <= 59)) return false
  return last === 19 || (last > 20 && text.charCodeAt(19) === 46 && digits(text, 20, last) >= 0)
}

function hasDateTimeMarks(text: string): boolean {
  if (text.charCodeAt(4) !== DASH || text.charCodeAt(7) !== DASH || text.charCodeAt(10) !== 84) return false
  return text.charCodeAt(13) === 58 && text.charCodeAt(16) === 58
}

/** The number that a run of digits is, or NaN where one is none. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
