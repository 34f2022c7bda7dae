import type { Redis } from 'ioredis'
import { deadKey, fieldsOf } from '../../streams/index.ts'

/** What the writers and readers have seen, by the name of each message. */
export type Ledger = {
  /** Acknowledged to the writer, with the entry's id. */
  readonly sent: Map<string, string>
  /** Written by strangers, and wrong. */
  readonly poison: Map<string, string>
  /** How often the handler has taken each in without an error. */
  readonly handled: Map<string, number>
}

export type Account = {
  readonly sent: number
  readonly poison: number
  readonly stored: number
  readonly handled: number
  readonly handledMoreThanOnce: number
  readonly parked: number
  readonly lost: readonly string[]
  readonly storedTwice: readonly string[]
  readonly neitherHandledNorParked: readonly string[]
  readonly parkedTwice: readonly string[]
  readonly stillPending: number
}

/** Compares what was promised with what the stream and the dead letters hold. */
export async function makeAccount(redis: Redis, stream: string, group: string, ledger: Ledger): Promise<Account> {
  const stored = await countByName(redis, stream)
  const parked = await countParked(redis, deadKey(stream, group))
  const expected = [...ledger.sent, ...ledger.poison]
  const [pending] = (await redis.xpending(stream, group)) as [number]
  return {
    sent: ledger.sent.size,
    poison: ledger.poison.size,
    stored: [...stored.values()].reduce((sum, count) => sum + count, 0),
    handled: ledger.handled.size,
    handledMoreThanOnce: [...ledger.handled.values()].filter((count) => count > 1).length,
    parked: parked.size,
    lost: expected.filter(([name]) => !stored.has(name)).map(([name]) => name),
    // A stranger's plain XADD may double by itself.
    storedTwice: [...stored].filter(([name, count]) => count > 1 && ledger.sent.has(name)).map(([name]) => name),
    neitherHandledNorParked: expected
      .filter(([name, id]) => !ledger.handled.has(name) && !parked.has(id))
      .map(([name]) => name),
    parkedTwice: [...parked].filter(([, count]) => count > 1).map(([id]) => id),
    stillPending: pending,
  }
}

export function isInOrder(account: Account): boolean {
  const { lost, storedTwice, neitherHandledNorParked, parkedTwice, stillPending } = account
  return (
    stillPending === 0 && [lost, storedTwice, neitherHandledNorParked, parkedTwice].every(({ length }) => length === 0)
  )
}

/** How often each message stands in the stream. */
async function countByName(redis: Redis, stream: string): Promise<Map<string, number>> {
  return countBy(redis, stream, (fields) => fields.name ?? '')
}

/** How many dead letters there are of each entry, by its original id. */
async function countParked(redis: Redis, stream: string): Promise<Map<string, number>> {
  return countBy(redis, stream, (fields) => fields._dead_id ?? '')
}

async function countBy(
  redis: Redis,
  stream: string,
  nameOf: (fields: { readonly [name: string]: string }) => string,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  let after = '-'
  for (;;) {
    const entries = await redis.xrange(stream, after, '+', 'COUNT', 1000)
    for (const [, fields] of entries) {
      const name = nameOf(fieldsOf(fields))
      counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    const last = entries.at(-1)?.[0]
    if (last === undefined) return counts
    after = `(${last}`
  }
}
