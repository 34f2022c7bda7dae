import { randomUUID } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { SqliteDatabase, SqlPool } from '../../streams/index.ts'
import type { ReplicaWait } from '../append.ts'
import { asError } from '../ticket.ts'
import { postgresStore } from './postgres.ts'
import { busOf, type Press } from './publish.ts'
import { Rests } from './rests.ts'
import { sqliteStore } from './sqlite.ts'
import type { OutboxStore, WaitingLane } from './store.ts'
import { type PublishedBatch, visit } from './visit.ts'

type Source =
  | {
      /** A pool of `pg`, or what lends clients as it does. */
      readonly pool: SqlPool
      readonly database?: never
    }
  | {
      /** A connection of `node:sqlite` of its own: on the application's it would stand in the application's transactions. */
      readonly database: SqliteDatabase
      readonly pool?: never
    }

export type RelayOptions = Source & {
  readonly redis: Redis | Cluster
  /** The outbox's table; `concordat_outbox` unless given. */
  readonly table?: string
  /** Whose contracts' messages go to this Redis; `default` unless given. */
  readonly bus?: string
  /** How many messages are published in one step at most; 500 unless given. */
  readonly batchSize?: number
  /** How many lanes are worked on at once; 4 unless given. */
  readonly concurrency?: number
  /** How long the relay waits when there was nothing to do: from 5 ms on, doubling up to this; 250 unless given. */
  readonly idleMs?: number
  /** For how long a relay that has died keeps others from its lanes; 10,000 unless given. */
  readonly leaseMs?: number
  /** How long a statement, or a step in Redis, may take; 5,000 unless given. */
  readonly timeoutMs?: number
  /** Counts a message as published only when so many replicas have it. */
  readonly wait?: ReplicaWait
  /** Told of what was published and has left the outbox. */
  readonly onPublished?: (published: PublishedBatch) => void
  /** Told of every failure that the relay survives by itself: it tries again, for ever. */
  readonly onError?: (error: Error) => void
}

/** A running relay. Many may run over one outbox, and share its lanes. */
export type Relay = AsyncDisposable & {
  /** Looks at once, rather than at the end of a pause. */
  readonly wake: () => void
  /** For how long the oldest message of this bus has waited, by the database's clock; 0 when none waits. */
  readonly lagMs: () => Promise<number>
  /** Begins nothing new and lets the batches in hand come to their end. Closing twice is fine. */
  readonly close: () => Promise<void>
}

const PAUSE_MS = 5

/** Publishes what was committed to an outbox, once, and in order within each key. Starts at once. */
export function relay(options: RelayOptions): Relay {
  const bounds = boundsOf(options)
  const { bus = 'default' } = options
  const store = openStore(options, bounds)
  const [closing, rests, alarm] = [new AbortController(), new Rests(), createAlarm()]
  const visits = new Map<string, Promise<void>>()
  const hooks = hooksOf(options)
  let press: Press | undefined

  const begin = (printing: Press, lane: WaitingLane): void => {
    const name = nameOf(lane)
    const visiting = visit({ store, press: printing, signal: closing.signal, ...hooks }, lane)
      .then(
        () => rests.end(name),
        async (error) => {
          rests.begin(name)
          hooks.onError(asError(error))
          // If not by this, the lane is free when its lease ends.
          await store.release(lane).catch(() => undefined)
        },
      )
      .finally(() => {
        visits.delete(name)
        alarm.ring()
      })
    visits.set(name, visiting)
  }
  const ofBus = async () => (await store.listLanes()).filter((lane) => busOf(lane) === bus)
  const isDue = (lane: WaitingLane) => lane.isFree && !visits.has(nameOf(lane)) && !rests.has(nameOf(lane))
  const look = async (): Promise<number> => {
    press ??= { redis: options.redis, outbox: await store.name(), wait: options.wait, timeoutMs: bounds.timeoutMs }
    const room = bounds.concurrency - visits.size
    if (room === 0) return 0
    const due = (await ofBus()).filter(isDue).slice(0, room)
    for (const lane of due) begin(press, lane)
    return due.length
  }
  const work = async (): Promise<void> => {
    let pauseMs = PAUSE_MS
    while (!closing.signal.aborted) {
      try {
        pauseMs = (await look()) > 0 ? PAUSE_MS : Math.min(pauseMs * 2, bounds.idleMs)
        rests.end(LOOKING)
      } catch (error) {
        hooks.onError(asError(error))
        pauseMs = rests.begin(LOOKING)
      }
      await alarm.wait(pauseMs)
    }
    await Promise.all(visits.values())
  }

  const working = work()
  const close = async (): Promise<void> => {
    closing.abort()
    alarm.ring()
    await working
  }
  const lagMs = async () => Math.max(0, ...(await ofBus()).map(({ oldestMs }) => oldestMs))
  return { wake: alarm.ring, lagMs, close, [Symbol.asyncDispose]: close }
}

const LOOKING = 'looking for lanes'

function nameOf({ channel, lane }: WaitingLane): string {
  return `${lane} ${channel}`
}

function openStore({ table, pool, database }: RelayOptions, bounds: Bounds): OutboxStore {
  const settings = { ...bounds, table, holder: randomUUID() }
  if (pool) return postgresStore(pool, settings)
  if (database) return sqliteStore(database, settings)
  throw new TypeError('A relay takes `pool` or `database`; give one of the two.')
}

/** A hook that throws stops nothing. */
function hooksOf({ onPublished, onError }: RelayOptions) {
  const tellError = (error: Error): void => {
    try {
      onError?.(error)
    } catch {
      // There is nobody left to tell.
    }
  }
  const tellPublished = (published: PublishedBatch): void => {
    try {
      onPublished?.(published)
    } catch (error) {
      tellError(asError(error))
    }
  }
  return { onPublished: tellPublished, onError: tellError }
}

type Bounds = ReturnType<typeof boundsOf>

function boundsOf({
  batchSize = 500,
  concurrency = 4,
  idleMs = 250,
  leaseMs = 10_000,
  timeoutMs = 5000,
}: RelayOptions) {
  const bounds = { batchSize, concurrency, idleMs, leaseMs, timeoutMs }
  for (const [name, value] of Object.entries(bounds))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} of a relay is ${value}; give it an integer from 1 on.`)
  return bounds
}

/** A pause that can be cut short, before it begins as well. */
function createAlarm() {
  let bell = Promise.withResolvers<void>()
  return {
    ring: () => bell.resolve(),
    wait: async (ms: number): Promise<void> => {
      const timer = setTimeout(bell.resolve, ms)
      await bell.promise
      clearTimeout(timer)
      bell = Promise.withResolvers()
    },
  }
}
