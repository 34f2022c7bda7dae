import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { type Random, seededRandom } from '../support/random.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { mend } from '../support/redis-crash.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { isReadToItsEnd, type LoadAccount, makeLoadAccount } from './account.ts'
import { noneTold, type Told, vote } from './clients.ts'
import { type Shares, startProfile } from './profile.ts'
import { heardFrom, type KeptRunning, keepRunning, startService } from './services.ts'

const root = join(import.meta.dirname, '../..')
const AOF = ['--appendonly', 'yes', '--appendfsync', 'always']

export type LoadPlan = {
  readonly databaseUrl: string
  readonly votes: number
  readonly clients: number
  /** How often Redis is killed, and how often the tally. */
  readonly kills: number
  readonly seed: number
  /** For so long at most Redis stays away after a kill. The vote API waits three seconds for it, and then answers 503. */
  readonly mostDownMs: number
  readonly withinMs: number
  readonly onProgress?: (accepted: number) => void
}

export type LoadReport = {
  readonly told: Told
  readonly account: LoadAccount
  /** From the first request to the last 201. */
  readonly votingMs: number
  /** From there until the last vote was counted. */
  readonly countingMs: number
  /** How often a kill had torn a transaction in Redis's file in two. */
  readonly torn: number
  readonly shares: Shares
}

/**
 * The example's vote API and tally as processes of their own, before a Redis that keeps what it confirms. Clients vote
 * over HTTP while Redis and the tally are killed and started again; then everything is counted, and the account is made.
 */
export async function runLoad(plan: LoadPlan): Promise<LoadReport> {
  await using resources = new AsyncDisposableStack()
  const server = resources.use(await startRedis({ args: AOF }))
  const { path: folder } = resources.use(await disposableFolder())
  const env = {
    REDIS_URL: server.url,
    VOTES_DATABASE_URL: plan.databaseUrl,
    VOTES_RATE_LIMIT: 'off',
    VOTES_PORT: '0',
    TALLY_PORT: 'off',
    TALLY_NAME: 'tally',
  }
  const api = resources.use(await startService('vote-api/main.ts', { folder, env }, ['--inspect=127.0.0.1:0']))
  const url = await heardFrom(api, /API listens on (http:\S+)\./)
  const tally = resources.use(await keepRunning(() => startService('tally/main.ts', { folder, env })))
  const profiling = await startProfile(await heardFrom(api, /Debugger listening on (ws:\S+)/), root)

  const told = noneTold()
  const begun = performance.now()
  const signal = AbortSignal.timeout(plan.withinMs)
  const ticking = setInterval(() => plan.onProgress?.(told.accepted.size), 5_000)
  resources.defer(() => clearInterval(ticking))
  const [torn] = await Promise.all([
    killRedis(server, plan.mostDownMs, timesOf(plan, told, signal, 'Redis')),
    killTally(tally, timesOf(plan, told, signal, 'the tally')),
    vote({ ...plan, url, signal }, told),
  ])
  const votingMs = performance.now() - begun
  const shares = await profiling.stop()

  const redis = resources.adopt(new Redis(server.url), (client) => client.disconnect())
  const database = resources.adopt(new Client(plan.databaseUrl), (client) => client.end())
  await database.connect()
  await waitFor('every vote to be read', () => isReadToItsEnd(redis), 120_000)
  const countingMs = performance.now() - begun - votingMs
  return { told, account: await makeLoadAccount({ redis, database }, told), votingMs, countingMs, torn, shares }
}

type Times = AsyncGenerator<Random>

/** Yields when it is time for a kill: at so many accepted votes, which chance has chosen. */
async function* timesOf({ votes, kills, seed }: LoadPlan, told: Told, signal: AbortSignal, whom: string): Times {
  const random = seededRandom(seed + whom.length)
  const places = Array.from({ length: kills }, () => random.below(votes)).toSorted((a, b) => a - b)
  for (const place of places) {
    while (told.accepted.size < place) await wait(2, undefined, { signal })
    yield random
  }
}

/** Answers how often a transaction was torn; the file is mended as docs/redis.md says. */
async function killRedis(server: RedisServer, mostDownMs: number, times: Times): Promise<number> {
  let torn = 0
  for await (const random of times) {
    await server.stop('KILL')
    if (await mend(server.folder)) torn++
    await wait(random.below(mostDownMs))
    await server.start()
  }
  return torn
}

async function killTally(tally: KeptRunning, times: Times): Promise<void> {
  for await (const random of times) {
    await wait(random.below(50))
    await tally.kill()
  }
}
