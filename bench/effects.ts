import { Redis } from 'ioredis'
import pg from 'pg'
import { consumer, type Delivery, inPostgres, prepareInbox } from '../consumers/index.ts'
import { compileEncode, type Message, stream } from '../contracts/index.ts'
import { createOutbox, prepareOutbox, relay } from '../producers/index.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { startRedis } from '../test/support/redis.ts'
import type { Case } from './harness.ts'
import { Vote, votes } from './messages.ts'

const Votes = stream('votes', Vote)
const Relayed = stream('relayed', Vote, { headers: 'id' })
const Keyed = stream('relayed-by-key', Vote, { headers: 'id' })
type Ballot = Message<typeof Votes>

const ENTRIES = 40_000
const COUNT = 500
const GROUP = 'tally'

/** What it costs that effects come once: PostgreSQL with the settings that it has by default, on this machine's disk. */
export async function cases(): Promise<readonly Case[]> {
  const [database, server] = await Promise.all([startPostgres({ isDurable: true }), startRedis()])
  const pool = new pg.Pool({ connectionString: database.url, max: 8 })
  const redis = new Redis(server.url)
  await prepareOutbox(pool)
  await prepareInbox(pool)
  await pool.query(
    'create table ballots (request_id uuid primary key, option text not null, timestamp bigint not null)',
  )
  await preload(redis)
  return [
    effects(pool, redis),
    relaying({ pool, redis, name: 'relay votes of one lane', contract: Relayed }),
    relaying({
      pool,
      redis,
      name: 'relay votes of many keys',
      contract: Keyed,
      key: ({ request_id }) => request_id,
    }),
  ]
}

type Bases = { readonly pool: pg.Pool; readonly redis: Redis }

function effects(pool: pg.Pool, redis: Redis): Case {
  const once = inPostgres(pool, (batch: readonly Delivery<Ballot>[], tx: pg.PoolClient) => insert(tx, batch))
  const plainly = (batch: readonly Delivery<Ballot>[]) => insert(pool, batch)
  return {
    name: 'votes from the stream into PostgreSQL, once',
    unit: 'per s',
    better: 'higher',
    goal: 0.9,
    ours: () => consumeAll({ pool, redis }, once),
    peer: 'the same batches and inserts, without the inbox',
    theirs: () => consumeAll({ pool, redis }, plainly),
  }
}

async function insert(client: pg.Pool | pg.PoolClient, batch: readonly Delivery<Ballot>[]): Promise<void> {
  const columns = [
    batch.map(({ entry }) => uuidOf(entry.id)),
    batch.map(({ message }) => message.option),
    batch.map(({ message }) => message.timestamp),
  ]
  await client.query(
    `insert into ballots (request_id, option, timestamp) select * from unnest($1::uuid[], $2::text[], $3::bigint[])
      on conflict (request_id) do nothing`,
    columns,
  )
}

/** The thousand votes stand in the stream many times, and each needs a key of its own, in no order. */
function uuidOf(id: string): string {
  const [ms = '', seq = ''] = id.split('-')
  const mixed = Math.imul((Number(ms) % 2 ** 31) ^ (Number(seq) * 0x9e3779b1), 0x85ebca6b) >>> 0
  return `${mixed.toString(16).padStart(8, '0')}-0000-4000-8${seq.padStart(3, '0')}-${ms.slice(-12).padStart(12, '0')}`
}

async function preload(redis: Redis): Promise<void> {
  const encode = compileEncode(Votes)
  const entries = votes.map((vote) => encode(vote).entry ?? [])
  for (let written = 0; written < ENTRIES; written += entries.length) {
    const pipeline = redis.pipeline()
    for (const entry of entries) pipeline.xadd(Votes.stream, '*', ...entry)
    await pipeline.exec()
  }
}

type TakeBatch = NonNullable<Parameters<typeof consumer<typeof Votes>>[2]['handleBatch']>

/** Every round begins with empty tables, and a group that has read nothing. */
async function consumeAll({ pool, redis }: Bases, take: TakeBatch): Promise<number> {
  await pool.query('truncate ballots, concordat_inbox')
  await redis.xgroup('DESTROY', Votes.stream, GROUP).catch(() => undefined)
  const all = Promise.withResolvers<void>()
  let count = 0
  const handleBatch: TakeBatch = async (batch, place) => {
    await take(batch, place)
    count += batch.length
    if (count === ENTRIES) all.resolve()
  }
  const started = performance.now()
  const running = consumer(redis, Votes, { group: GROUP, handleBatch, batchSize: COUNT, onError: all.reject })
  await all.promise
  const elapsed = performance.now() - started
  await running.close()
  const { rows } = await pool.query('select count(*)::int as count from ballots')
  if (rows[0].count !== ENTRIES) throw new Error(`${rows[0].count} of ${ENTRIES} votes are there`)
  return ENTRIES / (elapsed / 1000)
}

type Relaying = Bases & {
  readonly name: string
  readonly contract: typeof Relayed
  readonly key?: (vote: Ballot) => string
}

function relaying({ pool, redis, name, contract, key }: Relaying): Case {
  return {
    name,
    unit: 'per s',
    better: 'higher',
    goal: 20_000,
    ours: async () => {
      const { addAll } = createOutbox()
      for (let added = 0; added < ENTRIES; added += votes.length)
        await addAll(pool, contract, votes, key ? { key } : {})
      const all = Promise.withResolvers<void>()
      let count = 0
      const started = performance.now()
      const running = relay({
        pool,
        redis,
        onError: all.reject,
        onPublished: ({ messages }) => {
          count += messages
          if (count === ENTRIES) all.resolve()
        },
      })
      await all.promise
      const elapsed = performance.now() - started
      await running.close()
      if ((await redis.xlen(contract.stream)) !== ENTRIES) throw new Error(`${contract.stream} does not hold all`)
      await redis.del(contract.stream)
      return ENTRIES / (elapsed / 1000)
    },
  }
}
