import { compileDecode, type Message, type StreamContract } from '../contracts/index.ts'
import type { RedisClient } from '../streams/index.ts'
import { callOf } from './call.ts'
import { counted, createCounts } from './counts.ts'
import type { Delivery, Origin } from './options.ts'
import { type ConsumerOptions, settingsOf } from './options.ts'
import { Running, type State } from './running.ts'
import { createTracing } from './traced.ts'
import type { WorkMaker } from './work.ts'

/** A running consumer. */
export type Consumer = AsyncDisposable & {
  /**
   * Takes in nothing more, lets what is being handled come to its end and acknowledges it; the rest stays pending, and is
   * read at the next start. Waits for handlers up to `closeDeadlineMs`. Closing twice is fine.
   */
  readonly close: () => Promise<void>
  /** Begins nothing new until `resume`; what was read stays in hand. */
  readonly pause: () => void
  /** Goes on, after `pause` and after the breaker. */
  readonly resume: () => void
  readonly state: State
  /** When the loop last came round, in milliseconds since 1970. */
  readonly lastTick: number
  /** Whether the loop comes round; if not, a restart is what helps. Says nothing of handlers, nor of Redis. */
  readonly isAlive: () => boolean
  /** Whether it reads: it runs, and Redis has answered the latest question. */
  readonly isReady: () => boolean
}

/**
 * The guard on the reading side of a stream: messages that keep the contract reach the handler at least once, and in order
 * where `keyOf` asks for it; one that breaks it, or that fails again and again, is parked whole in the group's dead letters,
 * and the consumer goes on. Starts at once, on two connections of its own that are made like `redis`.
 */
export function consumer<C extends StreamContract>(
  redis: RedisClient,
  contract: C,
  options: ConsumerOptions<Message<C>>,
): Consumer {
  refusePrefix(redis, contract)
  const settings = settingsOf(options)
  const { group, consumer: name, retry } = settings
  const counts = options.metrics && createCounts(options.metrics, { channel: contract.channel, group, consumer: name })
  const takesBatches = options.handleBatch !== undefined
  const tracing = createTracing({ contract, group, retry, takesBatches })
  const member = { stream: contract.stream, group, consumer: name }
  const call = callOf(handlerOf(options), member)
  const running = new Running(redis, {
    settings,
    member,
    maker: { decode: compileDecode(contract), keyOf: keyOf(contract, options), maxAttempts: retry.maxAttempts },
    call: tracing.around(counts ? counted(call, counts) : call),
    takesBatches,
    counts,
    tracing,
  })
  running.start()
  const close = () => running.close()
  return {
    close,
    pause: () => running.pause(),
    resume: () => running.resume(),
    get state() {
      return running.state
    },
    get lastTick() {
      return running.lastTick
    },
    isAlive: () => running.isAlive(),
    isReady: () => running.isReady(),
    [Symbol.asyncDispose]: close,
  }
}

/** A prefix would put the stream and its dead letters, which share the stream's hash tag, into different slots. */
function refusePrefix({ options: { keyPrefix } }: RedisClient, { stream }: StreamContract): void {
  if (keyPrefix)
    throw new TypeError(
      `A consumer cannot read through a client with keyPrefix '${keyPrefix}': declare the stream as '${keyPrefix}${stream}', and give a client without it.`,
    )
}

/** A message's key: the caller's, or what the producer wrote into the reserved field where headers are on. */
function keyOf<M>({ headers }: StreamContract, options: ConsumerOptions<M>): WorkMaker['keyOf'] {
  const { keyOf: given } = options
  if (given) return (message) => given(message as M)
  if (headers === 'off' || options.handleBatch) return undefined
  return (_, { fields }) => {
    const place = fields.findIndex((name, i) => i % 2 === 0 && name === '_k')
    return place < 0 ? undefined : fields[place + 1]
  }
}

/** What the decoder accepted has the contract's type. */
function handlerOf<M>({ handle, handleBatch }: ConsumerOptions<M>) {
  return handleBatch
    ? {
        handleBatch: (batch: readonly Delivery<unknown>[], origin: Origin) =>
          handleBatch(batch as readonly Delivery<M>[], origin),
      }
    : { handle: (message: unknown, entry: Parameters<typeof handle>[1]) => handle(message as M, entry) }
}
