import { type Command, CommanderError, InvalidArgumentError } from 'commander'
import type { Redis } from 'ioredis'
import { readSettings } from '../registry/settings.ts'
import { isAddress } from '../registry/settings-schema.ts'

/** Redis did not do what a command asked of it. */
export class RedisFailed extends Error {
  override readonly name = 'RedisFailed'
  readonly code = 'redis.failed'
}

/** Does some work with the Redis that `--redis` or the environment names, and leaves it. */
export async function withRedis<T>(
  command: Command,
  named: string | undefined,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const url = named ?? readSettings().redis?.url
  if (url === undefined) return command.error('error: no Redis is named: say --redis <url>, or set REDIS_URL')
  // Loaded here, so that the other commands start without a driver.
  const { openRedis } = await import('../registry/redis.ts')
  await using connection = await openRedis(url)
  await connection.settled
  try {
    await connection.check()
    return await work(connection.client)
  } catch (error) {
    throw isOurs(error) ? error : failed(url, error)
  }
}

/** Reads the option `--redis`. */
export function readRedisOption(value: string): string {
  if (/^rediss?:\/\/[^/?#\s]/.test(value) && isAddress(value)) return value
  throw new InvalidArgumentError(
    'It must be a URL such as redis://:password@host:6379, special characters percent-encoded.',
  )
}

/** What the driver throws is a plain Error, or one that says that it is an answer of Redis. */
function isOurs(error: unknown): boolean {
  return [CommanderError, TypeError, RangeError, ReferenceError].some((kind) => error instanceof kind)
}

function failed(url: string, error: unknown): RedisFailed {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason =
    cause instanceof Error ? cause.message || String('code' in cause ? cause.code : cause.name) : String(cause)
  const place = new URL(url).host
  const sentence =
    cause instanceof Error && cause.name === 'ReplyError'
      ? `Redis at ${place} refuses (${reason}): check --redis or REDIS_URL, and what the user may do there.`
      : `Redis at ${place} does not answer (${reason}): check --redis or REDIS_URL, and run this again.`
  return new RedisFailed(sentence, { cause: error })
}
