import type { Redis } from 'ioredis'
import type { Entry, EntryReply } from '../streams/index.ts'

/** A consumer's place: one name in one group of one stream. */
export type Member = { readonly stream: string; readonly group: string; readonly consumer: string }

/** An entry as it was read; no fields when it was trimmed from the stream while it was pending. */
export type ReadEntry = { readonly id: string; readonly fields: Entry['fields'] | undefined }

/** Makes the group, from the stream's beginning, unless it is there. */
export async function ensureGroup(redis: Redis, { stream, group }: Member): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error
  }
}

/** Reads what this member was given and has not acknowledged (`own`), or waits a while for new entries. */
export async function read(redis: Redis, member: Member, which: 'own' | 'new', blockMs: number): Promise<ReadEntry[]> {
  const { stream, group, consumer } = member
  const reply =
    which === 'own'
      ? await redis.xreadgroup('GROUP', group, consumer, 'COUNT', BATCH, 'STREAMS', stream, '0')
      : await redis.xreadgroup('GROUP', group, consumer, 'COUNT', BATCH, 'BLOCK', blockMs, 'STREAMS', stream, '>')
  const [[, entries] = ['', []]] = (reply ?? []) as [string, EntryReply[]][]
  return entries.map(([id, fields]) => ({ id, fields: fields ?? undefined }))
}

const BATCH = 100

export async function acknowledge(redis: Redis, { stream, group }: Member, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await redis.xack(stream, group, ...ids)
}
