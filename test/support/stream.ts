import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { inject, onTestFinished } from 'vitest'

/** A client of the shared Redis, closed when the test is over. */
export function sharedRedis(): Redis {
  return redisAt(inject('redisUrl'))
}

export function redisAt(url: string): Redis {
  const redis = new Redis(url)
  onTestFinished(() => redis.disconnect())
  return redis
}

/** A stream's name that no other test uses. */
export function uniqueName(base: string): string {
  return `${base}:${randomUUID()}`
}

/** All entries of a stream, oldest first. */
export async function entriesOf(redis: Redis, stream: string): Promise<[id: string, fields: string[]][]> {
  return redis.xrange(stream, '-', '+')
}

/** How many entries a group was given and has not acknowledged. */
export async function pendingOf(redis: Redis, stream: string, group: string): Promise<number> {
  const [count] = await redis.xpending(stream, group)
  return Number(count)
}
