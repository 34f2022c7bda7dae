import type { Member } from './group.ts'
import { hold } from './hold.ts'
import type { Line } from './line.ts'
import type { Settler } from './settle.ts'
import { findIllFormed, isDoubtful } from './utf8.ts'
import { contractBroken, type Work } from './work.ts'

export type Care = { readonly line: Line; readonly member: Member; readonly settler: Settler }

/**
 * Tells the server which try begins, so that one which ends the process counts as well. Returns whether the entry is still
 * ours to handle; when it turns out to be ill-formed, it has a verdict afterwards.
 */
export async function prepare({ line, member, settler }: Care, work: Work): Promise<boolean> {
  const { source, id, entry, attempt } = work
  // What came before it must not be counted again when this one ends the process.
  void settler.flush()
  const lost = await line.ask((redis) => hold(redis, source, member, [{ id, attempt }]))
  if (lost.length > 0) return false
  work.heldAt = Math.round(performance.now())
  if (!isDoubtful(entry.fields)) return true
  const findings = await line.ask((redis) => findIllFormed(redis, work))
  if (findings.length > 0) work.verdict = contractBroken(findings)
  return true
}
