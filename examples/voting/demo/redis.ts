import type { Redis } from 'ioredis'
import { startRedis } from '../../../test/support/redis.ts'
import { connectRedis } from '../connect.ts'
import { StartFailed } from '../start-failed.ts'

/** The Redis of the demo, and a connection to it. */
export type DemoRedis = AsyncDisposable & {
  readonly url: string
  readonly redis: Redis
  /** The beginning of a command for it, as one would type it. */
  readonly cli: string
}

/** Takes the Redis that is named, or starts one, which is fetched where there is none on this machine. */
export async function openRedis(named: string | undefined, signal: AbortSignal): Promise<DemoRedis> {
  await using opened = new AsyncDisposableStack()
  const url = named ?? opened.use(await startRedis({ signal })).url
  const { redis } = opened.use(await connectRedis(url))
  if (named !== undefined) {
    await refuseOthers(redis, url)
    opened.defer(() => removeKeys(redis))
  }
  const running = opened.move()
  return { url, redis, cli: cliFor(url), [Symbol.asyncDispose]: () => running.disposeAsync() }
}

function cliFor(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  const host = hostname === '127.0.0.1' ? '' : ` -h ${hostname}`
  const database = /^\/\d+$/.test(pathname) ? ` -n ${pathname.slice(1)}` : ''
  return `redis-cli${host} -p ${port || 6379}${database}`
}

/** The votes of the demo must not mix with those of somebody else. */
async function refuseOthers(redis: Redis, url: string): Promise<void> {
  const [key] = await listKeys(redis)
  if (key === undefined) return
  throw new StartFailed(
    `The Redis at ${new URL(url).host} has "${key}" already: name another in REDIS_URL, such as redis://host:port/1, or leave it away.`,
  )
}

async function removeKeys(redis: Redis): Promise<void> {
  const keys = await listKeys(redis)
  if (keys.length > 0) await redis.del(...keys)
}

/** The stream, and all that the guards and the vote API keep beside it. */
async function listKeys(redis: Redis): Promise<string[]> {
  const beside = (await redis.scanStream({ match: '{votes}:*', count: 1000 }).toArray()) as string[][]
  return (await redis.exists('votes')) > 0 ? ['votes', ...beside.flat()] : beside.flat()
}
