import { Redis } from 'ioredis'
import pg from 'pg'
import { consumer, inPostgres } from '../../consumers/index.ts'
import { relay } from '../../producers/index.ts'
import { GROUP, isPoison, Noted } from './effects-contract.ts'

// A process that relays and consumes until it is killed.
const [databaseUrl = '', redisUrl = '', name = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: databaseUrl, max: 6, connectionTimeoutMillis: 1000 })
pool.on('error', () => undefined)
const redis = new Redis(redisUrl)
redis.on('error', () => undefined)
const sometimes = (chance: number) => Math.random() < chance

relay({ pool, redis, batchSize: 20, idleMs: 50, leaseMs: 500, timeoutMs: 1000 })
consumer(redis, Noted, {
  group: GROUP,
  consumer: name,
  blockMs: 200,
  batchSize: 25,
  concurrency: 2,
  retry: { maxAttempts: 4, minMs: 5, maxMs: 50 },
  breaker: false,
  heartbeatMs: 100,
  reclaimMs: 400,
  handleBatch: inPostgres(
    pool,
    async (batch, tx) => {
      await tx.query('insert into effects (name) select * from unnest($1::text[])', [
        batch.map(({ message }) => message.name),
      ])
      // what only hangs now and then is tried again, and must not be parked by chance
      if (batch.length > 1 && sometimes(0.01)) await new Promise(() => undefined)
      if (batch.length > 1 && sometimes(0.05)) throw new Error('a handler that fails now and then')
      if (batch.some(({ message }) => isPoison(message.number))) throw new Error('a poison')
    },
    { timeoutMs: 300 },
  ),
})
