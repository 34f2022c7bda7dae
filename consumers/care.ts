import type { Member } from './group.ts'
import { hold } from './hold.ts'
import type { Line } from './line.ts'
import type { Settler } from './settle.ts'
import { findIllFormed, isDoubtful } from './utf8.ts'
import { contractBroken, type Work } from './work.ts'

/** Takes the tries back that the server counted: they ended without a word on the message. Returns whose they no longer are. */
export async function uncount({ line, member }: Care, works: readonly Work[]): Promise<ReadonlySet<Work>> {
  const lost = new Set<Work>()
  for (const [source, of] of Map.groupBy(works, (work) => work.source)) {
    const held = of.map(({ id, attempt }) => ({ id, attempt: attempt - 1 }))
    const ids = new Set(await line.ask((redis) => hold(redis, source, member, held)))
    for (const work of of) if (ids.has(work.id)) lost.add(work)
  }
  return lost
}

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
