import { randomUUID } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { Message, StreamContract } from '../contracts/index.ts'
import type { Metrics } from '../telemetry/index.ts'
import type { ReplicaWait } from './append.ts'
import { chunksOf, sendByToken } from './batch.ts'
import { type Counts, counted, createCounts } from './counts.ts'
import { deliver } from './deliver.ts'
import type { Desk } from './desk.ts'
import { compileEntry } from './entry.ts'
import { MessageRefused, NotSent, ProducerClosed, type RefusedMessage } from './errors.ts'
import { checkHeaders, compileHeaders } from './headers.ts'
import { createLine } from './line.ts'
import { asError } from './ticket.ts'
import { createTogether } from './together.ts'
import { traced } from './traced.ts'

export type SendOptions = {
  /** Messages with the same key are handled in order; needs a contract with headers. */
  readonly key?: string
  /** Sending again with the same token writes nothing twice: one of your own, or that of a `SendFailed`. */
  readonly token?: string
  /** Carried where the contract's headers are `full`; that of the send's own span, or of the active one, unless given. */
  readonly traceparent?: string
  /** Gives the send up; the error tells whether something may be written. */
  readonly signal?: AbortSignal
}

export type SendBatchOptions<M> = Omit<SendOptions, 'key'> & {
  readonly key?: (message: M, index: number) => string | undefined
}

export type ProducerOptions = {
  /** How long a send may take before it ends one way or another; 5,000 unless given. */
  readonly deadlineMs?: number
  /** How many messages wait to be written at most; those that come then wait for room. 10,000 unless given. */
  readonly maxBuffered?: number
  /** How many messages are written in one step; 250 unless given. */
  readonly maxBatch?: number
  /** How long Redis remembers a token; 600,000 (ten minutes) unless given. */
  readonly tokenTtlMs?: number
  /** Counts a message as sent only when so many replicas have it. */
  readonly wait?: ReplicaWait
  /** Written as `_sid` where the contract has headers. */
  readonly schemaId?: string
  /** Told of everything that was refused. */
  readonly onRefused?: (refused: MessageRefused) => void
  /** Where to count what is sent; nothing is counted without it. */
  readonly metrics?: Metrics
}

/**
 * The guard on the writing side of a stream. A message that breaks the contract, or carries what the contract does not
 * declare, is never written. What is sent is written in the order of the calls and never twice, whatever happens to the
 * connection. Every send ends by its deadline: as sent, as `MessageRefused`, as `NotSent` (nothing written) or as
 * `SendFailed` (unknown, and safe to repeat with its token). Closing waits for what is being sent and leaves the Redis
 * client, which is the caller's.
 */
export type Producer<M> = AsyncDisposable & {
  /** Writes one message and returns its entry's id. Sends that come together are written together. */
  readonly send: (message: M, options?: SendOptions) => Promise<string>
  /** Writes messages in their order and returns their ids. When one is refused, none is written. */
  readonly sendBatch: (messages: readonly M[], options?: SendBatchOptions<M>) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

/** The two ways of sending. */
export type Sends<M> = Pick<Producer<M>, 'send' | 'sendBatch'>

const NOTHING = {}

/** Makes a producer. Throws `ContractRefused` for a contract that no writer can keep. */
export function producer<C extends StreamContract>(
  redis: Redis | Cluster,
  contract: C,
  options: ProducerOptions = NOTHING,
): Producer<Message<C>> {
  const { channel } = contract
  const encode = compileEntry(contract)
  const counts = options.metrics && createCounts(options.metrics, channel)
  const desk = createDesk(redis, contract, { ...options, counts })
  const sendTogether = createTogether(desk)
  let isClosed = false

  const begin = (signal: AbortSignal | undefined) => {
    if (isClosed) throw new ProducerClosed(channel)
    if (signal?.aborted) throw new NotSent(channel, asError(signal.reason))
  }
  const refuse = (refused: MessageRefused): never => {
    options.onRefused?.(refused)
    throw refused
  }

  const send = async (message: Message<C>, given: SendOptions = NOTHING): Promise<string> => {
    begin(given.signal)
    if (given !== NOTHING) checkHeaders(contract, given)
    const { entry, findings } = encode(message)
    if (findings) return refuse(new MessageRefused(channel, findings))
    if (given.token === undefined) return sendTogether(entry, given)
    const chunk = { token: given.token, entries: [desk.addHeaders(entry, given.token, given)] }
    const [id = ''] = await sendByToken(desk, { token: given.token, chunks: [chunk], isFirst: false }, given.signal)
    return id
  }

  const sendBatch = async (
    messages: readonly Message<C>[],
    given: SendBatchOptions<Message<C>> = NOTHING,
  ): Promise<readonly string[]> => {
    const { token = desk.nextToken(), traceparent, signal } = given
    begin(signal)
    checkHeaders(contract, { token, traceparent })
    const refused: RefusedMessage[] = []
    const entries: (readonly string[])[] = []
    for (const [index, message] of messages.entries()) {
      const { entry, findings } = encode(message)
      const key = given.key?.(message, index)
      if (key !== undefined) checkHeaders(contract, { key })
      if (findings) refused.push({ index, findings })
      else if (contract.headers === 'off') entries.push(entry)
      else entries.push(desk.addHeaders(entry, `${token}~${index}`, { key, traceparent }))
    }
    const [first] = refused
    if (first) return refuse(new MessageRefused(channel, first.findings, refused))
    if (entries.length === 0) return []
    const chunks = chunksOf(token, entries, desk.maxBatch)
    return sendByToken(desk, { token, chunks, isFirst: given.token === undefined }, signal)
  }

  const close = async (): Promise<void> => {
    isClosed = true
    await desk.line.empty()
  }
  const sends = traced({ send, sendBatch }, contract)
  return { ...(counts ? counted(sends, counts) : sends), close, [Symbol.asyncDispose]: close }
}

type DeskOptions = ProducerOptions & { readonly counts: Counts | undefined }

function createDesk(redis: Redis | Cluster, contract: StreamContract, options: DeskOptions): Desk {
  const { channel, stream } = contract
  const { deadlineMs, maxBuffered, maxBatch, tokenTtlMs } = boundsOf(options)
  const { wait, counts } = options
  const name = randomUUID()
  let batches = 0
  return {
    channel,
    maxBatch,
    deadlineMs,
    line: createLine(maxBuffered, counts?.buffered.add),
    deadline: () => performance.now() + deadlineMs,
    nextToken: () => `${name}.${batches++}`,
    addHeaders: compileHeaders(contract, options.schemaId),
    write: (token, entries, deadline) => {
      counts?.steps.observe(entries.length)
      const onRepeated = counts?.suppressed.add
      return deliver(redis, { stream, token, entries }, { tokenTtlMs, wait, deadline, onRepeated })
    },
  }
}

function boundsOf({ deadlineMs = 5_000, maxBuffered = 10_000, maxBatch = 250, tokenTtlMs = 600_000 }: ProducerOptions) {
  const bounds = { deadlineMs, maxBuffered, maxBatch, tokenTtlMs }
  for (const [name, value] of Object.entries(bounds))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} of a producer is ${value}; give it an integer from 1 on.`)
  return bounds
}
