import type { Policy } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Page } from '../store/store.ts'
import { shown } from '../unicode.ts'

/** Query parameters come as text, and as lists where one stands several times. */
export type Query = { readonly [name: string]: string | string[] | undefined }

/** Entries of one answer, unless it is asked for more. */
const LISTED = 100
export const MOST_LISTED = 1000

/** Refuses parameters that nobody reads: a mistyped one would be left aside, and the answer be to another question. */
export function refuseOthers(query: Query, known: readonly string[]): void {
  const other = Object.keys(query).find((name) => !known.includes(name))
  if (other !== undefined) throw malformed(`its parameter "${shown(other)}" is none of ${known.join(', ')}`)
}

/** A parameter that is there once, or not at all. */
export function optional(query: Query, name: string): string | undefined {
  const value = query[name]
  if (Array.isArray(value)) throw malformed(`its parameter "${name}" stands several times`)
  return value === '' ? undefined : value
}

export function required(query: Query, name: string): string {
  const value = optional(query, name)
  if (value === undefined) throw malformed(`its parameter "${name}" is missing`)
  return value
}

export function numberOf(query: Query, name: string, { most, otherwise }: { most: number; otherwise: number }): number {
  const text = optional(query, name)
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,8}$/.test(text)) throw malformed(`its parameter "${name}" is no whole number from 1 up`)
  return Math.min(Number(text), most)
}

/** One of the words that a parameter may be; undefined where it is not there. */
export function oneOf<Word extends string>(query: Query, name: string, words: readonly Word[]): Word | undefined {
  const text = optional(query, name)
  const word = words.find((one) => one === text)
  if (text !== undefined && word === undefined)
    throw malformed(`its parameter "${name}" is none of ${words.join(', ')}`)
  return word
}

export function policyOf(query: Query): Policy | undefined {
  return oneOf(query, 'policy', ['as-declared', 'strict'])
}

/** Where a list goes on, as the answer before it told. Who makes one up gets a list from somewhere else, or a refusal. */
export function pageOf<Key>(query: Query, isKey: (value: unknown) => value is Key): Page<Key> {
  const after = optional(query, 'after')
  const limit = numberOf(query, 'limit', { most: MOST_LISTED, otherwise: LISTED })
  if (after === undefined) return { limit }
  const key = decode(after)
  if (!isKey(key)) throw malformed('its parameter "after" is not the "next" of an answer')
  return { after: key, limit }
}

type Read<Entry, Key> = {
  readonly entries: readonly Entry[]
  readonly limit: number
  readonly keyOf: (entry: Entry) => Key
}

/** The entries without the one more that was asked for, and where the list goes on. */
export function cut<Entry, Key>({
  entries,
  limit,
  keyOf,
}: Read<Entry, Key>): {
  readonly told: readonly Entry[]
  readonly more: { readonly next?: string }
} {
  const told = entries.slice(0, limit)
  const last = told.at(-1)
  return { told, more: entries.length > limit && last !== undefined ? { next: encode(keyOf(last)) } : {} }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 31
}

export function encode(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

export function malformed(reason: string): Error {
  return registryError('request.malformed', { reason })
}
