import { isUtf8 } from 'node:buffer'
import { FINDINGS_LIMIT } from '../check/check.ts'
import type { Finding } from '../finding.ts'
import type { Json } from '../json.ts'
import { parseJson } from '../schema/json-text.ts'

/** Levels of nesting in a body; deeper ones are refused before they are checked. */
export const BODY_DEPTH = 500

export type ParsedBody =
  | {
      readonly value: unknown
      readonly findings?: undefined
      /** A member is named `__proto__` or `constructor`, which careless code takes for more than a name. */
      readonly hasSpecialNames?: boolean
    }
  | { readonly value?: undefined; readonly findings: readonly Finding[]; readonly hasSpecialNames?: undefined }

/**
 * Parses a body as its sender wrote it: refuses what is no UTF-8 and no JSON, and what `JSON.parse` would quietly change,
 * which are keys that stand twice and numbers such as 1e400. A byte order mark is passed over. An empty body is no value.
 */
export function parseBody(bytes: Uint8Array): ParsedBody {
  if (bytes.length === 0) return { value: undefined }
  if (!isUtf8(bytes)) return { findings: [{ code: 'text.ill-formed', at: '/body' }] }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
  return parseBodyText(text.startsWith('\uFEFF') ? text.slice(1) : text)
}

/** The same for a text that has been decoded already. */
export function parseBodyText(text: string): ParsedBody {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // what JSON.parse says of it would quote it
    return { findings: [{ code: 'field.not-json', at: '/body' }] }
  }
  // a member that was written has a colon: fewer members than colons, and some key stands twice
  const seen = { hasSpecialNames: false }
  const findings = countMembers(value, 0, seen) === countColons(text) ? NONE : inspect(text)
  if (findings.length > 0) return { findings: findings.slice(0, FINDINGS_LIMIT) }
  return seen.hasSpecialNames ? { value, hasSpecialNames: true } : { value }
}

const NONE: readonly Finding[] = []

/** How many members the objects of a value have; NaN where it is too deep or has a number that is not finite. */
function countMembers(value: unknown, depth: number, seen: { hasSpecialNames: boolean }): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  if (depth >= BODY_DEPTH) return Number.NaN
  let count = 0
  if (Array.isArray(value)) for (const item of value) count += countMembers(item, depth + 1, seen)
  else
    for (const name in value) {
      if (name === '__proto__' || name === 'constructor') seen.hasSpecialNames = true
      count += 1 + countMembers((value as { readonly [name: string]: unknown })[name], depth + 1, seen)
    }
  return count
}

const [QUOTE, BACKSLASH, COLON] = [34, 92, 58]

/** The colons of a JSON text that stand outside its strings. */
function countColons(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === COLON) count++
    else if (code === QUOTE) i = endOfString(text, i + 1)
  }
  return count
}

function endOfString(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i
    if (code === BACKSLASH) i++
  }
  return text.length
}

/** What stands against a text, told by place. `__proto__` is a name like any other here. */
function inspect(text: string): Finding[] {
  const { findings = [] } = parseJson(text, BODY_DEPTH, false)
  const seen = new Set<string>()
  return findings.flatMap((found): Finding[] => {
    const at = `/body${found.at}`
    if (found.code === 'schema.too-deep') return [{ code: 'value.too-deep', at }]
    // a finding of a message names no values of it
    if (found.code === 'json.number-too-large') return [{ code: found.code, at }]
    if (found.code !== 'json.forbidden-name') return [{ ...found, at }]
    if (seen.has(at)) return [{ code: 'json.duplicate-key', at }]
    seen.add(at)
    return []
  })
}

/** What goes on the wire for a value, and what a reader will find there. */
export type Serialized = { readonly text: string; readonly value: Json }

/**
 * Writes a value as JSON. Where its JSON differs from itself (`toJSON`, Date, Map, NaN, members that are undefined), `value`
 * is what the text says. Undefined for a value that has no JSON; throws what `JSON.stringify` throws.
 */
export function serialize(value: unknown): Serialized | undefined {
  const copy = copyPlain(value)
  if (copy !== undefined) return { text: JSON.stringify(copy), value: copy }
  const text = JSON.stringify(value) as string | undefined
  return text === undefined ? undefined : { text, value: JSON.parse(text) as Json }
}

/** A copy of plain data, each part of it read once; undefined for whatever is more than that. */
export function copyPlain(value: unknown, depth = 0): Json | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : undefined
  if (typeof value !== 'object' || depth >= BODY_DEPTH) return undefined
  return Array.isArray(value) ? copyList(value, depth) : copyObject(value, depth)
}

function copyList(list: readonly unknown[], depth: number): Json | undefined {
  if ('toJSON' in list) return undefined
  const copy: Json[] = []
  for (let i = 0; i < list.length; i++) {
    const item = copyPlain(list[i], depth + 1)
    if (item === undefined) return undefined
    copy.push(item)
  }
  return copy
}

function copyObject(object: object, depth: number): Json | undefined {
  if (Object.getPrototypeOf(object) !== Object.prototype || 'toJSON' in object) return undefined
  const copy: { [name: string]: Json } = {}
  for (const name of Object.keys(object)) {
    const member = (object as { readonly [name: string]: unknown })[name]
    if (member === undefined) continue
    const copied = name === '__proto__' ? undefined : copyPlain(member, depth + 1)
    if (copied === undefined) return undefined
    copy[name] = copied
  }
  return copy
}
