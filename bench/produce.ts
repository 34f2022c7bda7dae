import { Redis } from 'ioredis'
import { compileEncode, type Message, type StreamContract, stream } from '../contracts/index.ts'
import { type Producer, producer } from '../producers/index.ts'
import { startRedis } from '../test/support/redis.ts'
import type { Case } from './harness.ts'
import { Order, orders, Vote, votes } from './messages.ts'

const Votes = stream('votes', Vote)
const Orders = stream('orders', Order)
/** The same orders in another script: three and four bytes a character where the others have one. */
const foreign = orders.map((order) => ({ ...order, city: 'Σπάρτη', last_name: '山田太郎', note: 'Bitte läuten 🔔' }))
const BATCH = 100
const SINGLES = 200
/** How often a round writes all messages: a shorter one would leave out the garbage that has to be collected. */
const TIMES = 10

/** What the guard costs, or saves, against plain ioredis that writes the same entries without checking anything. */
export async function cases(): Promise<readonly Case[]> {
  const server = await startRedis()
  const redis = new Redis(server.url)
  await redis.ping()
  return [
    batches({ redis, contract: Votes, messages: votes, name: 'produce votes, batches of 100' }),
    batches({ redis, contract: Votes, messages: votes, name: 'produce votes, batches of 1000', size: 1000 }),
    batches({ redis, contract: Orders, messages: orders, name: 'produce orders of 30 fields, batches of 100' }),
    batches({ redis, contract: Orders, messages: orders, name: 'produce orders, batches of 1000', size: 1000 }),
    batches({ redis, contract: Orders, messages: foreign, name: 'produce orders, not ASCII, batches of 100' }),
    concurrent(redis),
    await single(redis),
  ]
}

type Batches<C extends StreamContract> = {
  readonly redis: Redis
  readonly contract: C
  readonly messages: readonly Message<C>[]
  readonly name: string
  readonly size?: number
}

function batches<C extends StreamContract>({ redis, contract, messages, name, size = BATCH }: Batches<C>): Case {
  const { stream: key } = contract
  const producing = producer(redis, contract)
  const entries = entriesOf(contract, messages)
  return {
    name,
    unit: 'per s',
    better: 'higher',
    goal: 1.2,
    ours: () =>
      perSecond(redis, key, TIMES * messages.length, () =>
        eachSlice(messages, size, (some) => producing.sendBatch(some)),
      ),
    peer: 'ioredis pipeline of XADD, unchecked',
    theirs: () =>
      perSecond(redis, key, TIMES * entries.length, () =>
        eachSlice(entries, size, (some) => {
          const pipeline = redis.pipeline()
          for (const entry of some) pipeline.xadd(key, '*', ...entry)
          return pipeline.exec()
        }),
      ),
  }
}

/** Sends that nobody gathered: the producer does. */
function concurrent(redis: Redis): Case {
  const producing = producer(redis, Votes)
  const entries = entriesOf(Votes, votes)
  const { stream: key } = Votes
  return {
    name: 'produce votes, 1000 concurrent sends',
    unit: 'per s',
    better: 'higher',
    ours: () => perSecond(redis, key, votes.length, () => Promise.all(votes.map((vote) => producing.send(vote)))),
    peer: 'ioredis, 1000 concurrent XADDs, unchecked',
    theirs: () =>
      perSecond(redis, key, votes.length, () => Promise.all(entries.map((entry) => redis.xadd(key, '*', ...entry)))),
  }
}

/** What one send adds to one XADD on a connection that has nothing else to do; they take turns, so that both meet the same machine. */
async function single(redis: Redis): Promise<Case> {
  const producing: Producer<Message<typeof Votes>> = producer(redis, Votes)
  const entries = entriesOf(Votes, votes)
  return {
    name: 'a send on an idle connection, beyond XADD',
    unit: 'us',
    better: 'lower',
    goal: 50,
    ours: async () => {
      const [ours, theirs]: [number[], number[]] = [[], []]
      for (let i = 0; i < SINGLES; i++) {
        ours.push(await microseconds(() => producing.send(votes[i] as (typeof votes)[number])))
        theirs.push(await microseconds(() => redis.xadd(Votes.stream, '*', ...(entries[i] ?? []))))
      }
      await redis.del(Votes.stream)
      return median(ours) - median(theirs)
    },
  }
}

function entriesOf<C extends StreamContract>(contract: C, messages: readonly Message<C>[]): string[][] {
  const encode = compileEncode(contract)
  return messages.map((message) => encode(message).entry ?? [])
}

async function eachSlice<T>(
  items: readonly T[],
  size: number,
  write: (some: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let time = 0; time < TIMES; time++)
    for (let i = 0; i < items.length; i += size) await write(items.slice(i, i + size))
}

/** The stream is emptied behind the measurement, so that no round finds a larger one than the round before. */
async function perSecond(redis: Redis, key: string, count: number, write: () => Promise<unknown>): Promise<number> {
  const elapsed = await microseconds(write)
  if ((await redis.xlen(key)) !== count) throw new Error(`${key} does not hold ${count} entries`)
  await redis.del(key)
  return (count / elapsed) * 1e6
}

async function microseconds(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - started) / 1e3
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
