import { createHash } from 'node:crypto'
import type { Origin } from '../options.ts'

/**
 * One name for a group and its stream, as a UUID: it has one length and no character that means anything in a statement,
 * and needs no table that could be another one tomorrow. `part` names a part of it.
 */
export function placeOf({ group, stream }: Origin, ...part: readonly string[]): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([group, stream, ...part]))
    .digest('hex')
  return hash.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
