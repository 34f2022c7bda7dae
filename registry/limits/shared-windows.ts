import { createHash, randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Rate } from './rates.ts'
import type { Taken } from './windows.ts'

/**
 * One window as a sorted set of the moments at which requests were allowed, in microseconds on Redis's own clock, so that
 * the clocks of replicas do not matter. A clock that was set back leaves moments that are yet to come; they do not count.
 */
const SCRIPT = `
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - window))
redis.call('ZREMRANGEBYSCORE', KEYS[1], string.format('(%.0f', now), '+inf')
local count = redis.call('ZCARD', KEYS[1])
local allowed = 0
if count < most then
  allowed = 1
  count = count + 1
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[3])
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
return { allowed, count, math.ceil((oldest + window - now) / 1000) }
`
const SHA1 = createHash('sha1').update(SCRIPT).digest('hex')

const PREFIX = 'concordat:rate:'

/** Exact sliding windows in Redis, which all replicas share. */
export class SharedWindows {
  readonly #redis: Redis
  /** No two requests are one member, whichever replica they come to. */
  readonly #self = randomUUID()
  #requests = 0

  constructor(redis: Redis) {
    this.#redis = redis
  }

  async take(key: string, { most, windowMs }: Rate): Promise<Taken> {
    const args = [PREFIX + key, most, windowMs * 1000, `${this.#self}:${++this.#requests}`]
    const [isAllowed, count, freeInMs] = threeIn(await this.#evaluate(args))
    return { isAllowed: isAllowed === 1, left: most - count, freeInMs }
  }

  async #evaluate(args: (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.evalsha(SHA1, 1, ...args)
    } catch (error) {
      // A Redis that has been restarted knows no script.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#redis.eval(SCRIPT, 1, ...args)
    }
  }
}

function threeIn(answer: unknown): readonly [number, number, number] {
  const [one, two, three] = Array.isArray(answer) ? answer.map(Number) : []
  if (one === undefined || two === undefined || three === undefined)
    throw new Error(`Redis answered ${JSON.stringify(answer)} to a rate limit's script`)
  return [one, two, three]
}
