/** Entries that were taken from the stream before a group had read them. */
export type Lost = {
  readonly group: string
  readonly entries: number
  /** They stood after this entry, which the group has read … */
  readonly after: string
  /** … and before this one, which is the first that is left; undefined when none is. */
  readonly before: string | undefined
}

/** What a sweep found, before it trimmed. */
export type Swept = {
  readonly trimmed: number
  readonly length: number
  /** How many entries the stream has ever had; Redis 7.0 and later count them. */
  readonly added: number | undefined
  readonly firstId: string | undefined
  readonly groups: readonly Position[]
}

type Position = { readonly name: string; readonly lastDelivered: string; readonly read: number | undefined }

/**
 * Redis says lag 0 once a group has read past a gap, so that the gap must be seen while the group stands before it: all
 * entries that are left come after its position then, and what was ever added, less what it read and what is left, is
 * lost. Each loss is told once; `told` remembers.
 */
export function countLost({ added, length, firstId, groups }: Swept, told: Map<string, number>): Lost[] {
  if (added === undefined) return []
  return groups.flatMap(({ name, lastDelivered, read }) => {
    const standsBefore = firstId === undefined || isBefore(lastDelivered, firstId)
    const isNew = read === undefined && lastDelivered === '0-0'
    if (!standsBefore || (read === undefined && !isNew)) return forgetGap(name, told)
    const gap = Math.max(0, added - (read ?? 0) - length)
    // what was gone when a group that has read nothing came to be was never its own
    const entries = gap - (told.get(name) ?? (isNew ? gap : 0))
    told.set(name, gap)
    return entries > 0 ? [{ group: name, entries, after: lastDelivered, before: firstId }] : []
  })
}

function forgetGap(name: string, told: Map<string, number>): [] {
  told.delete(name)
  return []
}

function isBefore(one: string, other: string): boolean {
  const [ms = 0n, seq = 0n] = one.split('-').map(BigInt)
  const [otherMs = 0n, otherSeq = 0n] = other.split('-').map(BigInt)
  return ms < otherMs || (ms === otherMs && seq < otherSeq)
}
