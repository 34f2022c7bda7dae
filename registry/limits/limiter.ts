import type { Redis } from 'ioredis'
import { CircuitBreaker } from '../circuit-breaker.ts'
import { registryError } from '../errors.ts'
import type { RegistryMetrics } from '../operations/metrics.ts'
import { RATE_RULES, type Rate, type RateClass } from './rates.ts'
import { SharedWindows } from './shared-windows.ts'
import { MOST_KEYS, type Taken, Windows } from './windows.ts'

export type LimiterOptions = {
  /** Taken, not owned. Without it the windows are in memory, each process having its own. */
  readonly redis?: Redis | undefined
  readonly watchBreaker?: RegistryMetrics['watchBreaker'] | undefined
  /** The milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

/** How long a request waits for Redis at most, and for how long nobody asks a Redis that does not answer. */
export const RATE_TIMEOUT_MS = 100
export const RATE_PAUSE_MS = 5000

/** Holds requests against the rates of their classes. It throws `rate.unknown` where nobody can tell, and nobody may pass. */
export type Limiter = { take(name: RateClass, key: string, rate: Rate): Taken | Promise<Taken> }

/** Makes a limiter that remembers in Redis where there is one, and in memory else, or meanwhile. */
export function createLimiter({ redis, watchBreaker, now = () => performance.now() }: LimiterOptions): Limiter {
  const own = { token: new Windows(), write: new Windows(), 'anonymous-read': new Windows() }
  const takeOwn: Limiter['take'] = (name, key, rate) => own[name].take(key, rate, now())
  if (!redis) return { take: takeOwn }
  const shared = new SharedWindows(redis)
  const breaker = breakerFor(redis, now)
  watchBreaker?.('redis', breaker)
  const full = new FullWindows(now)
  return {
    take: async (name, key, rate) => {
      const id = `${name}:${key}`
      const known = full.find(id)
      if (known) return known
      try {
        const taken = await breaker.run(() => within(RATE_TIMEOUT_MS, shared.take(id, rate)))
        if (!taken.isAllowed) full.add(id, taken)
        return taken
      } catch (error) {
        if (RATE_RULES[name].isOpen) return takeOwn(name, key, rate)
        throw unknown(name, error)
      }
    },
  }
}

function unknown(name: RateClass, cause: unknown): Error {
  const { of } = RATE_RULES[name]
  return registryError('rate.unknown', { of, reason: reasonOf(cause), seconds: RATE_PAUSE_MS / 1000 }, { cause })
}

function breakerFor(redis: Redis, now: () => number): CircuitBreaker {
  const breaker = new CircuitBreaker({
    isFailure: () => true,
    refusal: (failure) => new Error(reasonOf(failure), { cause: failure }),
    pauseMs: RATE_PAUSE_MS,
    now,
  })
  redis.on('ready', () => breaker.close())
  return breaker
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = () => reject(new Error(`no answer within ${ms} ms`))
  // An answer that lies there already, which a busy process had no time to read, is no silence.
  const timer = setTimeout(() => setImmediate(giveUp), ms)
  try {
    return await Promise.race([asked, promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Windows that are full stay so until their oldest request counts no more: until then nobody has to ask Redis, which a
 * flood of refused requests therefore does not reach.
 */
class FullWindows {
  readonly #now: () => number
  readonly #freeAt = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  find(id: string): Taken | undefined {
    const freeInMs = (this.#freeAt.get(id) ?? 0) - this.#now()
    if (freeInMs > 0) return { isAllowed: false, left: 0, freeInMs }
    this.#freeAt.delete(id)
    return undefined
  }

  add(id: string, { freeInMs }: Taken): void {
    if (this.#freeAt.size >= MOST_KEYS) this.#freeAt.clear()
    this.#freeAt.set(id, this.#now() + freeInMs)
  }
}
