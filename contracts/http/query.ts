import { FINDINGS_LIMIT } from '../check/check.ts'
import type { Finding } from '../finding.ts'
import { pointerTo } from '../json.ts'

/** Texts by name: one, or several where the name is repeated. */
export type Texts = { readonly [name: string]: string | readonly string[] | undefined }

export type ParsedQuery = { readonly query: Texts; readonly findings: readonly Finding[] }

type Collected = { [name: string]: string | string[] }

/** An object without any names of its own or inherited ones, so that `__proto__` is a name like any other. */
const Names = function Names() {} as unknown as new () => Collected
Names.prototype = Object.create(null) as object

const NONE: readonly Finding[] = []
const NOTHING: ParsedQuery = { query: new Names(), findings: NONE }

/** Reads what follows the `?` of a URL. A plus is a space; an escape that stands for no text is a finding. */
export function parseQuery(text: string): ParsedQuery {
  if (text === '') return NOTHING
  const read = text.includes('%') || text.includes('+') ? unescape : asItStands
  const query = new Names()
  let findings: Finding[] | undefined
  for (let start = 0; start < text.length; ) {
    const and = text.indexOf('&', start)
    const end = and < 0 ? text.length : and
    const equals = text.indexOf('=', start)
    const hasValue = equals >= 0 && equals < end
    const written = text.slice(start, hasValue ? equals : end)
    const name = read(written)
    const value = hasValue ? read(text.slice(equals + 1, end)) : ''
    if (name === undefined || value === undefined)
      (findings ??= []).push({ code: 'text.ill-formed', at: pointerTo('/query', name ?? written) })
    else if (start < end) add(query, name, value)
    start = end + 1
  }
  return { query, findings: findings?.slice(0, FINDINGS_LIMIT) ?? NONE }
}

function add(query: Collected, name: string, value: string): void {
  const known = query[name]
  if (known === undefined) query[name] = value
  else if (typeof known === 'string') query[name] = [known, value]
  else known.push(value)
}

function asItStands(text: string): string {
  return text
}

function unescape(text: string): string | undefined {
  return decodeText(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

/** A text whose percent escapes are resolved, or undefined where one of them stands for no text. */
export function decodeText(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The query of a URL, without its `?`. */
export function formatQuery(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}
