import { Redis } from 'ioredis'
import { consumer } from '../consumers/index.ts'
import { compileEncode, type Message, type StreamContract, stream } from '../contracts/index.ts'
import { startRedis } from '../test/support/redis.ts'
import type { Case } from './harness.ts'
import { Order, orders, Vote, votes } from './messages.ts'

const ENTRIES = 40_000
const COUNT = 500

/** What the guard costs against plain ioredis that reads and acknowledges the same entries without looking at them. */
export async function cases(): Promise<readonly Case[]> {
  const server = await startRedis()
  const redis = new Redis(server.url)
  return [
    await consuming(redis, { name: 'consume votes', contract: stream('votes', Vote), messages: votes }),
    await consuming(redis, {
      name: 'consume orders of 30 fields',
      contract: stream('orders', Order),
      messages: orders,
    }),
  ]
}

type Consuming<C extends StreamContract> = {
  readonly name: string
  readonly contract: C
  readonly messages: readonly Message<C>[]
}

async function consuming<C extends StreamContract>(
  redis: Redis,
  { name, contract, messages }: Consuming<C>,
): Promise<Case> {
  await preload(redis, contract, messages)
  let round = 0
  return {
    name,
    unit: 'per s',
    better: 'higher',
    goal: 0.95,
    peer: 'ioredis, reading and acknowledging',
    ours: () => perSecond(() => consumeAll(redis, contract, `ours-${round++}`)),
    theirs: () => perSecond(() => readAll(redis.duplicate(), contract.stream, `theirs-${round++}`)),
  }
}

async function preload<C extends StreamContract>(
  redis: Redis,
  contract: C,
  messages: readonly Message<C>[],
): Promise<void> {
  const encode = compileEncode(contract)
  const entries = messages.map((message) => encode(message).entry ?? [])
  for (let written = 0; written < ENTRIES; written += 1000) {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 1000; i++)
      pipeline.xadd(contract.stream, '*', ...(entries[(written + i) % entries.length] ?? []))
    await pipeline.exec()
  }
}

/** A group of its own reads all from the beginning. */
async function consumeAll(redis: Redis, contract: StreamContract, group: string): Promise<void> {
  const all = Promise.withResolvers<void>()
  let count = 0
  const handle = () => {
    if (++count === ENTRIES) all.resolve()
  }
  await using _ = consumer(redis, contract, { group, handle, batchSize: COUNT })
  await all.promise
}

async function readAll(redis: Redis, key: string, group: string): Promise<void> {
  await redis.xgroup('CREATE', key, group, '0')
  for (let read = 0; read < ENTRIES; ) {
    const reply = await redis.xreadgroup('GROUP', group, 'c', 'COUNT', COUNT, 'BLOCK', 1000, 'STREAMS', key, '>')
    const [[, entries] = ['', []]] = (reply ?? []) as [string, [string, string[]][]][]
    await redis.xack(key, group, ...entries.map(([id]) => id))
    read += entries.length
  }
  redis.disconnect()
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return ENTRIES / ((performance.now() - started) / 1000)
}
