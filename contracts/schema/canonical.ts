import { createHash } from 'node:crypto'
import type { Json } from '../json.ts'

/** JSON text with sorted keys and no white space: equal for documents that differ in these only (compare RFC 8785). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`
}

/** The content address of a schema: SHA-256 of its canonical form, in hexadecimal. */
export function fingerprint(schema: Json): string {
  return fingerprintOfText(canonicalJson(schema))
}

export function fingerprintOfText(canonical: string): string {
  return createHash('sha256').update(canonical).digest('hex')
}
