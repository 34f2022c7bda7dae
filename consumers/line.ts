import { setMaxListeners } from 'node:events'
import type { Cluster } from 'ioredis'
import type { RedisClient } from '../streams/index.ts'
import { NoAnswer } from './errors.ts'

export const ANSWER_MS = 5000

/**
 * A connection of the consumer's own. A command that is lost with its connection fails at once, and is never sent again
 * behind our back; one that has no answer in time costs the connection its life, since a silent one never recovers.
 */
export class Line {
  readonly #template: RedisClient
  readonly #onError: (error: Error) => void
  readonly #onReady: () => void
  readonly #closing = new AbortController()
  #redis: RedisClient

  constructor(template: RedisClient, onError: (error: Error) => void, onReady: () => void = () => undefined) {
    // One for every question that waits for its answer.
    setMaxListeners(0, this.#closing.signal)
    this.#template = template
    this.#onError = onError
    this.#onReady = onReady
    this.#redis = this.#connect()
  }

  /** Asks the server. Ends with an error when the answer takes too long, or when the line is closed meanwhile. */
  async ask<T>(command: (redis: RedisClient) => Promise<T>, timeoutMs = ANSWER_MS): Promise<T> {
    const redis = this.#redis
    try {
      return await within(command(redis), timeoutMs, this.#closing.signal)
    } catch (error) {
      // Others may have waited as long, and one of them has connected again already.
      if (error instanceof NoAnswer && redis === this.#redis && !this.#closing.signal.aborted) this.#connectAgain()
      throw error
    }
  }

  close(): void {
    this.#closing.abort()
    discard(this.#redis)
  }

  #connectAgain(): void {
    discard(this.#redis)
    this.#redis = this.#connect()
  }

  #connect(): RedisClient {
    const redis = likeIt(this.#template)
    redis.on('error', this.#onError)
    redis.on('ready', this.#onReady)
    return redis
  }
}

/** What the caller's client may have chosen for itself, and a consumer cannot live with. */
const OWN = {
  lazyConnect: false,
  enableOfflineQueue: true,
  enableAutoPipelining: false,
  // Fails what was under way when the connection was lost.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  retryStrategy: (times: number) => Math.min(2000, 50 * 2 ** Math.min(times, 6)) * (0.5 + Math.random() / 2),
  commandTimeout: undefined,
  blockingTimeout: undefined,
  socketTimeout: undefined,
  stringNumbers: false,
  replyMapping: 'legacy',
} as const

function likeIt(template: RedisClient): RedisClient {
  return isCluster(template) ? likeCluster(template) : template.duplicate(OWN)
}

/** ioredis 5 would forget the template's own options of each node. */
function likeCluster(template: Cluster): Cluster {
  return template.duplicate([], {
    ...template.options,
    lazyConnect: false,
    enableOfflineQueue: true,
    enableAutoPipelining: false,
    // Replicas may be behind, and what was lost with its connection is not to be sent again behind our back.
    scaleReads: 'master',
    retryDelayOnFailover: 0,
    redisOptions: { ...template.options.redisOptions, ...OWN },
  })
}

function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster
}

function discard(redis: RedisClient): void {
  redis.removeAllListeners()
  // ioredis prints an error that nobody listens to.
  redis.on('error', () => undefined)
  redis.disconnect()
}

function within<T>(answer: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const timer = setTimeout(() => reject(new NoAnswer(timeoutMs)), timeoutMs)
  const onAbort = () => reject(new Error('The consumer was closed.'))
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  answer.then(resolve, reject)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  })
}
