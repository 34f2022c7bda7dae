import type { Redis } from 'ioredis'
import { registryError } from './errors.ts'

/** How long connecting to Redis, and every command, may take. */
export const REDIS_TIMEOUT_MS = 3000

const LONGEST_PAUSE_MS = 3000
const CLOSING_MS = 200

export type RedisOptions = {
  readonly timeoutMs?: number
  /** Told why Redis does not answer, once for every time that it goes away. */
  readonly onLost?: (error: Error) => void
}

/**
 * A connection to Redis that is taken up again for ever, with growing pauses. While it stands, a command is answered within
 * the time-out or fails; while it does not, commands fail at once. None is sent twice.
 */
export interface RedisConnection extends AsyncDisposable {
  readonly client: Redis
  /** Resolves when it is known whether Redis answers at first, after the time-out at the latest. It never rejects. */
  readonly settled: Promise<void>
  /** Resolves when Redis answers, and rejects with the reason when it does not. */
  check(): Promise<void>
  /** Cuts the connection, whether or not Redis answers. Closing twice is fine. */
  close(): Promise<void>
}

/** Opens a connection to Redis. It does not wait until it stands: Redis may come later. */
export async function openRedis(
  url: string,
  { timeoutMs = REDIS_TIMEOUT_MS, onLost = () => {} }: RedisOptions = {},
): Promise<RedisConnection> {
  const { Redis } = await loadDriver()
  const client = new Redis(url, optionsFor(timeoutMs))
  const lastError = followErrors(client, onLost)
  const close = () => closeClient(client)
  return {
    client,
    settled: oneOf(client, ['ready', 'error', 'end']),
    check: () => ping(client, lastError),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Loaded when it is asked for: who runs without Redis needs no driver. */
async function loadDriver(): Promise<{ readonly Redis: typeof Redis }> {
  try {
    return await import('ioredis')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw registryError('driver.missing', { driver: 'ioredis', setting: 'REDIS_URL' }, { cause: error })
  }
}

function optionsFor(timeoutMs: number) {
  return {
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // A connection that has gone silent is given up: commands that run into their time-out do not end it.
    socketTimeout: timeoutMs,
    disconnectTimeout: CLOSING_MS,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS),
    // A command that has failed for its caller must not take effect later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }
}

/** Tells of the first error since the connection stood, and answers the latest one. */
function followErrors(client: Redis, onLost: (error: Error) => void): () => Error | undefined {
  let last: Error | undefined
  client.on('ready', () => {
    last = undefined
  })
  client.on('error', (error: Error & { command?: unknown }) => {
    // ioredis adds what it had sent, which for a wrong password is the password.
    delete error.command
    if (last === undefined) onLost(error)
    last = error
  })
  return () => last
}

/** Not `once` of node:events, which rejects when the other event is an error. */
function oneOf(client: Redis, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    for (const event of events) client.once(event, () => resolve())
  })
}

async function ping(client: Redis, lastError: () => Error | undefined): Promise<void> {
  try {
    await client.ping()
  } catch (error) {
    // What broke the connection says more than that there is none.
    const cause = lastError() ?? error
    throw registryError('redis.unavailable', { reason: reasonOf(cause) }, { cause })
  }
}

/** An AggregateError, which Node throws where a host has several addresses, has an empty message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message || ('code' in error ? String(error.code) : error.name)
}

async function closeClient(client: Redis): Promise<void> {
  // Between two connections there is none whose end would be told.
  const isConnected = ['connecting', 'connect', 'ready'].includes(client.status)
  const ended = oneOf(client, ['end'])
  client.disconnect()
  if (isConnected) await ended
}
