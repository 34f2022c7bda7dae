import type { FindingCode } from '../finding-codes.ts'
import { pointerTo } from '../json.ts'

/** The integer that a text is, or NaN: digits without a leading zero, within ±(2^53-1). "-0" reads as 0. */
export function parseInteger(text: string): number {
  const isNegative = text.charCodeAt(0) === 45
  let i = isNegative ? 1 : 0
  const first = text.charCodeAt(i)
  if (first === 48) return text.length === i + 1 ? 0 : Number.NaN
  if (!(first >= 49 && first <= 57) || text.length - i > 16) return Number.NaN
  let value = 0
  for (; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  if (value > Number.MAX_SAFE_INTEGER) return Number.NaN
  return isNegative ? -value : value
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The number that a text in JSON's form is, or NaN; also for one too large to be finite. "-0" reads as 0. */
export function parseNumber(text: string): number {
  const plain = parsePlainDecimal(text)
  if (plain >= 0) return plain
  if (!NUMBER.test(text)) return Number.NaN
  const value = Number(text)
  return Number.isFinite(value) ? value + 0 : Number.NaN
}

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, power) => 10 ** power)

/**
 * What nearly all numbers look like: up to 15 digits, perhaps with a dot among them; anything else is NaN here. Both the
 * digits and the power of ten are exact in floating point, so their quotient is the nearest number there is.
 */
function parsePlainDecimal(text: string): number {
  const length = text.length
  if (length > 16 || (text.charCodeAt(0) === 48 && length > 1 && text.charCodeAt(1) !== 46)) return Number.NaN
  let value = 0
  let dot = -1
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit >= 0 && digit <= 9) value = value * 10 + digit
    else if (digit === -2 && dot < 0 && i > 0) dot = i
    else return Number.NaN
  }
  if (dot < 0) return length > 0 && length < 16 ? value : Number.NaN
  const decimals = length - 1 - dot
  return decimals > 0 ? value / (POWERS_OF_TEN[decimals] ?? Number.NaN) : Number.NaN
}

/** The value of a JSON text, or undefined, which JSON cannot say. */
export function parseJsonField(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

type Obstacle = { readonly code: FindingCode; readonly at: string }
type Formatted = { readonly text: string; readonly code?: undefined } | (Obstacle & { readonly text?: undefined })

/** Compact JSON text that reads back as the very same value, or what stands against that, and where. */
export function formatJson(value: unknown): Formatted {
  const obstacle = findObstacle(value, '', 0)
  return obstacle ?? { text: JSON.stringify(value) }
}

const DEPTH_LIMIT = 500

function findObstacle(value: unknown, at: string, depth: number): Obstacle | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : { code: 'text.ill-formed', at }
  if (typeof value === 'number') return findInNumber(value, at)
  if (typeof value === 'boolean' || value === null) return undefined
  if (typeof value !== 'object') return { code: 'value.not-json', at }
  return depth > DEPTH_LIMIT ? { code: 'value.too-deep', at: '' } : findInside(value, at, depth)
}

function findInNumber(value: number, at: string): Obstacle | undefined {
  if (!Number.isFinite(value)) return { code: 'number.not-finite', at }
  return Object.is(value, -0) ? { code: 'number.negative-zero', at } : undefined
}

function findInside(value: object, at: string, depth: number): Obstacle | undefined {
  const isList = Array.isArray(value)
  if (!isList && !isPlainObject(value)) return { code: 'value.not-json', at }
  for (const [step, member] of isList ? value.entries() : Object.entries(value)) {
    // JSON leaves an undefined member out, as an absent one; in a list it has no form
    if (member === undefined && !isList) continue
    const obstacle =
      typeof step === 'string' && !step.isWellFormed() ? ({ code: 'text.ill-formed', at } as const) : undefined
    const found = obstacle ?? findObstacle(member, pointerTo(at, step), depth + 1)
    if (found) return found
  }
  return undefined
}

export function isPlainObject(value: unknown): value is { [name: string]: unknown } {
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
