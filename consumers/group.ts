import { type EntryReply, type RedisClient, retryKey } from '../streams/index.ts'

/** A consumer's place: one name in one group of one stream. */
export type Member = { readonly stream: string; readonly group: string; readonly consumer: string }

/** Where a group's entries come from: the stream, and the stream on which its dead letters come back. */
export type Source = { readonly key: string; readonly isRetry: boolean }

/** An entry that was handed out and not acknowledged. */
export type Pending = { readonly id: string; readonly consumer: string; readonly deliveries: number }

export function sourcesOf({ stream, group }: Member): readonly [Source, Source] {
  return [
    { key: stream, isRetry: false },
    { key: retryKey(stream, group), isRetry: true },
  ]
}

/** Makes the group of one source, from its beginning, unless it is there. */
export async function ensureGroup(redis: RedisClient, { key }: Source, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', key, group, '0', 'MKSTREAM')
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error
  }
}

/** Whether an answer says that the group, or its whole stream, is gone. */
export function isGroupMissing(error: unknown): boolean {
  return error instanceof Error && /NOGROUP|UNBLOCKED/.test(error.message)
}

export type Reading = { readonly count: number; readonly blockMs: number }

/** New entries of both sources, by key; waits for them a while. */
export async function readNew(
  redis: RedisClient,
  { group, consumer }: Member,
  sources: readonly Source[],
  { count, blockMs }: Reading,
): Promise<[key: string, entries: EntryReply[]][]> {
  const keys = sources.map(({ key }) => key)
  const places = [...keys, ...keys.map(() => '>')]
  const reply = await redis.xreadgroup(
    ...(['GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, 'STREAMS', ...places] as const),
  )
  return reply ?? []
}

export type Page = {
  readonly after: string
  readonly count: number
  readonly idleMs?: number
  readonly consumer?: string
}

/** One page of what is pending, of one consumer or of all; changes nothing. */
export async function listPending(redis: RedisClient, { key }: Source, group: string, page: Page): Promise<Pending[]> {
  const { after, count, idleMs, consumer } = page
  const idle = idleMs === undefined ? [] : ['IDLE', idleMs]
  const of = consumer === undefined ? [] : [consumer]
  const reply = await redis.call('XPENDING', key, group, ...idle, after, '+', count, ...of)
  const rows = reply as [id: string, consumer: string, idleMs: number, deliveries: number][]
  return rows.map(([id, owner, , deliveries]) => ({ id, consumer: owner, deliveries }))
}

/** The entries of some ids; null where the stream has none any more. One by one: between two of them may lie a million. */
export async function entriesAt(redis: RedisClient, { key }: Source, ids: readonly string[]): Promise<EntryReply[]> {
  const pipeline = redis.pipeline()
  for (const id of ids) pipeline.xrange(key, id, id)
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply], i) => {
    if (error) throw error
    const [entry] = reply as EntryReply[]
    return entry ?? [ids[i] ?? '', null]
  })
}
