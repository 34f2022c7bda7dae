import type { Redis } from 'ioredis'
import { type PublishedBatch, type RelayOptions, relay } from '../../../producers/index.ts'
import { fieldsOf } from '../../../streams/index.ts'
import { entriesOf, sharedRedis } from '../../support/stream.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Place, Vote, Votes } from './stores.ts'

export function numbered(count: number, from = 0): Vote[] {
  return Array.from({ length: count }, (_, i) => ({ option: 'dogs', timestamp: from + i }))
}

/** A relay that remembers what it was told, with short pauses. */
export function relaying(place: Place, options: Partial<Omit<RelayOptions, 'pool' | 'database'>> = {}) {
  const [published, errors]: [PublishedBatch[], Error[]] = [[], []]
  const running = relay({
    redis: sharedRedis(),
    idleMs: 20,
    onPublished: (batch) => void published.push(batch),
    onError: (error) => void errors.push(error),
    ...place.source(),
    ...options,
  })
  return { ...running, published, errors, [Symbol.asyncDispose]: running.close }
}

/** The timestamps in the stream, in its order. */
export async function publishedIn(redis: Redis, contract: Votes): Promise<number[]> {
  return (await entriesOf(redis, contract.stream)).map(([, fields]) => Number(fieldsOf(fields).timestamp))
}

/** Waits until the outbox has no rows. */
export async function emptied(place: Place, timeoutMs?: number): Promise<void> {
  const count = async () => Number((await place.sql('select count(*) as count from concordat_outbox'))[0]?.count)
  await waitFor('an empty outbox', async () => (await count()) === 0, timeoutMs)
}
