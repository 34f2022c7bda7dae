import { Type } from '@sinclair/typebox'
import type { Redis } from 'ioredis'
import { type ConsumerOptions, consumer, type Parked } from '../../consumers/index.ts'
import { type Message, stream } from '../../contracts/index.ts'
import { deadKey, type Entry, fieldsOf } from '../../streams/index.ts'
import { entriesOf, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

export function votes() {
  return stream(uniqueName('votes'), { option: Type.String(), timestamp: Type.Integer() })
}
export type Votes = ReturnType<typeof votes>
export type Vote = Message<Votes>
export type TallyOptions = Partial<Extract<ConsumerOptions<Vote>, { readonly handleBatch?: never }>>

/** Short pauses, so that what takes minutes in earnest takes a moment here. */
export const QUICK = { blockMs: 100, retry: { minMs: 20, maxMs: 200 } } as const

/** A consumer in the group `tally` that remembers what it was told. */
export function tally(redis: Redis, contract: Votes, options: TallyOptions = {}) {
  const [handled, parked, errors]: [[Vote, Entry][], Parked[], Error[]] = [[], [], []]
  const running = consumer(redis, contract, {
    group: 'tally',
    ...QUICK,
    handle: (message, entry) => void handled.push([message, entry]),
    onParked: (letter) => void parked.push(letter),
    onError: (error) => void errors.push(error),
    ...options,
  })
  const numbers = () => handled.map(([{ timestamp }]) => timestamp)
  return { running, handled, numbers, parked, errors, close: running.close, [Symbol.asyncDispose]: running.close }
}

export async function write(
  redis: Redis,
  { stream: name }: Votes,
  ...timestamps: (string | number)[]
): Promise<string[]> {
  const ids = timestamps.map((timestamp) => redis.xadd(name, '*', 'option', 'dogs', 'timestamp', String(timestamp)))
  return (await Promise.all(ids)).map(String)
}

/** Hands entries to a member of the group `tally` that never acknowledges them, as a process does that dies. */
export async function handOut(redis: Redis, { stream: name }: Votes, consumerName: string, count = 1): Promise<void> {
  await redis.xgroup('CREATE', name, 'tally', '0', 'MKSTREAM').catch(() => undefined)
  await redis.xreadgroup('GROUP', 'tally', consumerName, 'COUNT', count, 'STREAMS', name, '>')
}

/** The dead letters of the group `tally`, by field. */
export async function lettersOf(redis: Redis, { stream: name }: Votes) {
  return (await entriesOf(redis, deadKey(name, 'tally'))).map(([, fields]) => fieldsOf(fields))
}

/** A handler that fails each time. */
export function failing(): never {
  throw new Error('never')
}

/** Waits until nothing is pending and nothing unread in the group `tally`, which may still have to be made. */
export async function settled(redis: Redis, { stream: name }: Votes): Promise<void> {
  await waitFor('everything to be settled', async () => {
    const groups = (await redis.xinfo('GROUPS', name)) as unknown[][]
    const about = groups.find((group) => group.includes('tally')) ?? []
    const [last] = await redis.xrevrange(name, '+', '-', 'COUNT', 1)
    const isRead = last === undefined || about[about.indexOf('last-delivered-id') + 1] === last[0]
    return about[about.indexOf('pending') + 1] === 0 && isRead
  })
}
