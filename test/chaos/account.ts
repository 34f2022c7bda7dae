import type { Redis } from 'ioredis'
import { deadKey, fieldsOf } from '../../streams/index.ts'

/** What the writers and readers have seen, by the name of each message. */
export type Ledger = {
  /** Acknowledged to the writer, with the entry's id. */
  readonly sent: Map<string, string>
  /** Written by strangers, and wrong. */
  readonly poison: Map<string, string>
  /** The ids of the entries that the handler took in without an error, one for each time. */
  readonly handled: Map<string, string[]>
}

export type Account = {
  readonly sent: number
  readonly poison: number
  readonly stored: number
  readonly handled: number
  readonly handledMoreThanOnce: number
  readonly parked: number
  readonly lost: readonly string[]
  /** With everything that tells how it came to be: each copy's id, its idempotency token, and whether it was handled. */
  readonly storedTwice: readonly string[]
  readonly neitherHandledNorParked: readonly string[]
  readonly parkedTwice: readonly string[]
  readonly stillPending: number
}

/** Compares what was promised with what the stream and the dead letters hold. */
export async function makeAccount(redis: Redis, stream: string, group: string, ledger: Ledger): Promise<Account> {
  const stored = await copiesByName(redis, stream)
  const parked = await countParked(redis, deadKey(stream, group))
  const expected = [...ledger.sent, ...ledger.poison]
  const [pending] = (await redis.xpending(stream, group)) as [number]
  return {
    sent: ledger.sent.size,
    poison: ledger.poison.size,
    stored: [...stored.values()].reduce((sum, { length }) => sum + length, 0),
    handled: ledger.handled.size,
    handledMoreThanOnce: [...ledger.handled.values()].filter(({ length }) => length > 1).length,
    parked: parked.size,
    lost: expected.filter(([name]) => !stored.has(name)).map(([name]) => name),
    // A stranger's plain XADD may double by itself.
    storedTwice: [...stored]
      .filter(([name, copies]) => copies.length > 1 && ledger.sent.has(name))
      .map(([name, copies]) => `${name}: ${copies.join(', ')}; handled ${ledger.handled.get(name)?.join(', ')}`),
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

/** Where each message stands in the stream, and under which token it was written. */
async function copiesByName(redis: Redis, stream: string): Promise<Map<string, string[]>> {
  const copies = new Map<string, string[]>()
  await eachEntry(redis, stream, (id, { name = '', _id = 'no token' }) => {
    const places = copies.get(name)
    if (places) places.push(`${id} (${_id})`)
    else copies.set(name, [`${id} (${_id})`])
  })
  return copies
}

/** How many dead letters there are of each entry, by its original id. */
async function countParked(redis: Redis, stream: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  await eachEntry(redis, stream, (_, { _dead_id: id = '' }) => void counts.set(id, (counts.get(id) ?? 0) + 1))
  return counts
}

async function eachEntry(
  redis: Redis,
  stream: string,
  take: (id: string, fields: { readonly [name: string]: string }) => void,
): Promise<void> {
  let after = '-'
  for (;;) {
    const entries = await redis.xrange(stream, after, '+', 'COUNT', 1000)
    for (const [id, fields] of entries) take(id, fieldsOf(fields))
    const last = entries.at(-1)?.[0]
    if (last === undefined) return
    after = `(${last}`
  }
}
