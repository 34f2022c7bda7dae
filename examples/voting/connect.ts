import { Redis } from 'ioredis'
import { NotThereYet, reasonOf } from './start-failed.ts'

export type Connected = AsyncDisposable & { readonly redis: Redis }

/** Connects to Redis. Once connected, a lost connection is made again; a Redis that is away now stops the start. */
export async function connectRedis(url: string): Promise<Connected> {
  // The time-out ends a wait of two seconds that ioredis puts after a connection which never stood.
  const redis = new Redis(url, { lazyConnect: true, disconnectTimeout: 100 })
  let reason = ''
  redis.on('error', (error: Error) => (reason = reasonOf(error)))
  try {
    await redis.connect()
  } catch (cause) {
    redis.disconnect()
    const { host } = new URL(url)
    throw new NotThereYet(
      `No Redis answers at ${host} (${reason}): start one with "redis-server", or name another in REDIS_URL.`,
      { cause },
    )
  }
  return { redis, [Symbol.asyncDispose]: async () => redis.disconnect() }
}
