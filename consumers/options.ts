import { hostname } from 'node:os'
import type { Finding } from '../contracts/index.ts'
import type { DeadReason, Entry, ServerWarning } from '../streams/index.ts'
import type { Metrics } from '../telemetry/index.ts'
import type { BreakerOptions } from './breaker.ts'
import { asError } from './errors.ts'
import type { RetryOptions } from './retry.ts'

export type Parked = {
  /** The id that the entry had when it was written. */
  readonly id: string
  readonly reason: DeadReason
  readonly findings: readonly Finding[]
  /** How often it was tried, where its handler was the reason. */
  readonly attempts?: number
}

/** One message of a batch and the whole entry beside it. */
export type Delivery<M> = { readonly message: M; readonly entry: Entry }

/** Where a batch comes from. */
export type Origin = {
  readonly stream: string
  readonly group: string
  /** Whether one of its messages was handed out before, so that it may have taken effect. */
  readonly isRepeat: boolean
}

type Handling<M> =
  | {
      /** Takes one message and the whole entry beside it. The entry is acknowledged when this returns, and tried again when it throws. */
      readonly handle: (message: M, entry: Entry) => Promise<void> | void
      readonly handleBatch?: never
      /** Messages of one key are handled in order, one at a time, also while one of them waits for its next try. */
      readonly keyOf?: (message: M) => string
    }
  | {
      /** Takes all that one read brought. When it throws, the batch comes again in halves, until the messages that are to blame are alone. */
      readonly handleBatch: (batch: readonly Delivery<M>[], origin: Origin) => Promise<void> | void
      readonly handle?: never
      readonly keyOf?: never
    }

export type ConsumerOptions<M> = Handling<M> & {
  readonly group: string
  /** This process's name in the group, the same after a restart; the host's name unless given. */
  readonly consumer?: string
  /** How long one read waits for new entries; 5,000 at most. */
  readonly blockMs?: number
  /** How many entries one read takes at most. */
  readonly batchSize?: number
  /** How many calls of the handler run at once. */
  readonly concurrency?: number
  readonly retry?: Partial<RetryOptions>
  /** When to stop rather than to park everything; `false` never stops. */
  readonly breaker?: Partial<BreakerOptions> | false
  /** How often the server is told that what is in hand is still worked on. */
  readonly heartbeatMs?: number
  /** How long an entry lies untouched with another consumer before it is taken over; more than three heartbeats. */
  readonly reclaimMs?: number
  /** What to do when the group is gone. With `fail` the consumer never makes it, and closes when it is not there. */
  readonly onMissingGroup?: 'recreate-from-start' | 'fail'
  /** How long closing waits for handlers that are at work. */
  readonly closeDeadlineMs?: number
  /** Told of every message that was parked. */
  readonly onParked?: (parked: Parked) => void
  /** Told of every failure that the consumer survives by itself, such as a lost connection, and of why it stopped. */
  readonly onError?: (error: Error) => void
  /** Told once, at the start, of what in the server's settings can lose messages; the server is asked only where this is given. */
  readonly onWarning?: (warning: ServerWarning) => void
  /** Where to count what is handled, and to show the group; nothing is counted without it. */
  readonly metrics?: Metrics
}

export type Settings = ReturnType<typeof settingsOf>

const LONGEST_BLOCK_MS = 5000

/** The options with what they leave out. Throws a TypeError for what cannot work. */
export function settingsOf(options: ConsumerOptions<never>) {
  const { heartbeatMs = 5000 } = options
  const settings = {
    group: options.group,
    consumer: options.consumer ?? hostname(),
    blockMs: Math.min(options.blockMs ?? 2000, LONGEST_BLOCK_MS),
    batchSize: options.batchSize ?? 500,
    concurrency: options.concurrency ?? 1,
    retry: { maxAttempts: 5, minMs: 500, maxMs: 30_000, ...options.retry },
    breaker: options.breaker === false ? undefined : { inARow: 20, window: 100, ratio: 0.5, ...options.breaker },
    heartbeatMs,
    reclaimMs: options.reclaimMs ?? 4 * heartbeatMs,
    onMissingGroup: options.onMissingGroup ?? 'recreate-from-start',
    closeDeadlineMs: options.closeDeadlineMs ?? 10_000,
    ...hooksOf(options),
    onWarning: options.onWarning,
  } as const
  refuse(settings, options)
  return settings
}

/** A hook that throws stops nothing: the failure of one goes to the other, and that one's own has nowhere to go. */
function hooksOf({ onParked, onError }: Pick<ConsumerOptions<never>, 'onParked' | 'onError'>) {
  const tellError = (error: Error): void => {
    try {
      onError?.(error)
    } catch {
      // There is nobody left to tell.
    }
  }
  const tellParked = (parked: Parked): void => {
    try {
      onParked?.(parked)
    } catch (error) {
      tellError(asError(error))
    }
  }
  return { onParked: tellParked, onError: tellError }
}

function refuse(settings: Settings, { handle, handleBatch, keyOf }: ConsumerOptions<never>): void {
  if ((handle === undefined) === (handleBatch === undefined))
    throw new TypeError('A consumer takes either `handle` or `handleBatch`; give one of the two.')
  if (handleBatch && keyOf)
    throw new TypeError('`keyOf` orders single messages; give `handle` instead of `handleBatch`.')
  for (const name of ['batchSize', 'concurrency', 'blockMs', 'heartbeatMs'] as const) wholeNumber(name, settings[name])
  wholeNumber('retry.maxAttempts', settings.retry.maxAttempts)
  if (settings.reclaimMs <= 3 * settings.heartbeatMs)
    throw new TypeError(
      `reclaimMs is ${settings.reclaimMs}, and must be more than three times heartbeatMs (${settings.heartbeatMs}): else work in hand would be taken away.`,
    )
}

function wholeNumber(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new TypeError(`${name} is ${value}, and must be a whole number from 1 on.`)
}
