import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { prepareInbox } from '../../consumers/index.ts'
import { createOutbox, prepareOutbox } from '../../producers/index.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type GuardedProcess, spawnGuarded } from '../support/guarded-process.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { type Random, seededRandom } from '../support/random.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { crash } from '../support/redis-crash.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import type { ChaosPlan } from './chaos.ts'
import { type EffectsAccount, makeEffectsAccount, type Place } from './effects-account.ts'
import { GROUP, Noted } from './effects-contract.ts'

const AOF = ['--appendonly', 'yes', '--appendfsync', 'always']
const WRITERS = 3
const WORKERS = 2

/**
 * Transactions that add to an outbox, relays and consumers in processes of their own, and a database with their effects;
 * connections that break in every way, processes and servers that are killed. Then all is well, everything comes to its
 * end, and the account is made.
 */
export async function runEffects({ forMs, seed, onFault }: ChaosPlan): Promise<EffectsAccount> {
  await using resources = new AsyncDisposableStack()
  const [database, server] = await Promise.all([startPostgres({ isDurable: true }), startRedis({ args: AOF })])
  resources.use(database)
  resources.use(server)
  const before = async (port: number) => resources.use(await startFaultProxy(port))
  const proxies = {
    database: [await before(database.port), await before(database.port)],
    redis: [await before(server.port), await before(server.port)],
  }
  const pool = new pg.Pool({ connectionString: database.url })
  pool.on('error', () => undefined)
  resources.defer(() => pool.end())
  await prepareOutbox(pool)
  await prepareInbox(pool)
  await pool.query('create table added (name text primary key); create table effects (name text not null)')

  const random = seededRandom(seed)
  const stopping = new AbortController()
  const writing = Array.from({ length: WRITERS }, (_, writer) =>
    write({ url: throughProxy(database.url, proxies.database, writer), writer, random, signal: stopping.signal }),
  )
  const workers = await startWorkers((i) => [
    throughProxy(database.url, proxies.database, i),
    proxies.redis[i % proxies.redis.length]?.url ?? '',
    `worker-${i}`,
  ])
  resources.use(workers)

  const world = { database, server, proxies: [...proxies.database, ...proxies.redis], pool, workers, random }
  const until = performance.now() + forMs
  while (performance.now() < until) {
    await wait(100 + random.next() * 700)
    onFault?.(await breakSomething(world))
  }
  for (const proxy of world.proxies) proxy.heal()
  stopping.abort()
  await Promise.all(writing)
  const redis = new Redis(server.url)
  resources.defer(() => redis.disconnect())
  const place: Place = { redis, pool, stream: Noted.stream, group: GROUP }
  await waitFor('everything to come to its end', () => isOver(place), 120_000)
  return await makeEffectsAccount(place)
}

function throughProxy(url: string, proxies: readonly FaultProxy[], i: number): string {
  const through = new URL(url)
  through.port = String(proxies[i % proxies.length]?.port)
  return through.href
}

type Writing = { readonly url: string; readonly writer: number; readonly random: Random; readonly signal: AbortSignal }

/** One transaction after the other; what becomes of a commit whose answer is lost, the table says. */
async function write({ url, writer, random, signal }: Writing): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 500, query_timeout: 1000 })
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  const { addAll } = createOutbox()
  for (let number = 0; !signal.aborted; number += 10) {
    const messages = Array.from({ length: 10 }, (_, i) => ({ name: `${writer}-${number + i}`, number: number + i }))
    const client = await pool.connect().catch(() => undefined)
    if (client === undefined) continue
    try {
      await client.query('begin')
      await client.query('insert into added select * from unnest($1::text[])', [messages.map(({ name }) => name)])
      await addAll(client, Noted, messages, { key: ({ number: n }) => `${writer}-${n % 3}` })
      await client.query(random.isHit(0.2) ? 'rollback' : 'commit')
      client.release()
    } catch {
      client.release(true)
    }
    await wait(2)
  }
  await pool.end()
}

type Workers = AsyncDisposable & { readonly kill: (random: Random) => Promise<void> }

/** Processes that are started again when they are killed, and end with this one. */
async function startWorkers(argsOf: (i: number) => string[]): Promise<Workers> {
  const program = join(import.meta.dirname, 'effects-process.ts')
  const folder = await disposableFolder()
  const spawnOne = (i: number) =>
    spawnGuarded({ command: process.execPath, args: [program, ...argsOf(i)], folder: folder.path })
  const running: GuardedProcess[] = await Promise.all(Array.from({ length: WORKERS }, (_, i) => spawnOne(i)))
  return {
    kill: async (random) => {
      const i = random.below(WORKERS)
      await running[i]?.stop('KILL')
      running[i] = await spawnOne(i)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(running.map((worker) => worker[Symbol.asyncDispose]()))
      await folder[Symbol.asyncDispose]()
    },
  }
}

type World = {
  readonly database: PostgresServer
  readonly server: RedisServer
  readonly proxies: readonly FaultProxy[]
  readonly pool: pg.Pool
  readonly workers: Workers
  readonly random: Random
}

async function breakSomething({ database, server, proxies, pool, workers, random }: World): Promise<string> {
  const proxy = random.pick(proxies)
  const faults: [name: string, act: () => unknown][] = [
    ['cut', () => proxy.cut()],
    ['swallow a reply, then cut', () => proxy.swallowNext()],
    ['swallow the reply to a commit', () => proxy.swallowNext('commit')],
    ['drop a request', () => proxy.dropNext()],
    ['delay', () => (proxy.delay(50), setTimeout(() => proxy.delay(0), 300))],
    ['half-open', () => (proxy.freeze(), setTimeout(() => proxy.heal(), 400))],
    ['refuse', () => (proxy.refuse(), setTimeout(() => proxy.heal(), 300))],
    ['end connections', () => pool.query(TERMINATE).catch(() => undefined)],
    ['kill a worker', () => workers.kill(random)],
    ['kill a worker ', () => workers.kill(random)],
    ['kill Redis', () => crash(server)],
    ['kill PostgreSQL', () => restart(database)],
  ]
  const [name, act] = random.pick(faults)
  await act()
  return name.trim()
}

/** Of those at work, some. */
const TERMINATE = `select pg_terminate_backend(pid) from pg_stat_activity
  where pid <> pg_backend_pid() and backend_type = 'client backend' and (state <> 'idle' or random() < 0.3)`

async function restart(server: PostgresServer): Promise<void> {
  await server.stop('KILL')
  await server.start()
}

/** Nothing in the outbox, nothing unread, nothing pending. */
async function isOver({ redis, pool, stream, group }: Place): Promise<boolean> {
  const { rows } = await pool.query('select count(*)::int as count from concordat_outbox')
  if (rows[0].count > 0) return false
  const groups = (await redis.xinfo('GROUPS', stream)) as unknown[][]
  const about = groups.find((each) => each.includes(group)) ?? []
  const [last] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1)
  return about[about.indexOf('pending') + 1] === 0 && about[about.indexOf('last-delivered-id') + 1] === last?.[0]
}
