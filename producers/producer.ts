import type { Redis } from 'ioredis'
import { compileEncode, type Message, type StreamContract } from '../contracts/index.ts'
import { MessageRefused, ProducerClosed, SendFailed } from './errors.ts'

/**
 * The guard on the writing side of a stream. A message that breaks the contract, or carries what the contract does not
 * declare, is never written. Closing waits for what is being sent and leaves the Redis client, which is the caller's.
 */
export type Producer<M> = AsyncDisposable & {
  /** Writes one message and returns its entry's id. Throws `MessageRefused` (nothing written) or `SendFailed` (unknown). */
  readonly send: (message: M) => Promise<string>
  readonly close: () => Promise<void>
}

/** Makes a producer. Throws `ContractRefused` for a contract that no writer can keep. */
export function producer<C extends StreamContract>(redis: Redis, contract: C): Producer<Message<C>> {
  const { channel } = contract
  const encode = compileEncode(contract)
  const sending = new Set<Promise<string>>()
  let isClosed = false

  const send = async (message: Message<C>): Promise<string> => {
    if (isClosed) throw new ProducerClosed(channel)
    const { entry, findings } = encode(message)
    if (findings) throw new MessageRefused(channel, findings)
    const sent = write(redis, contract, entry)
    sending.add(sent)
    return sent.finally(() => sending.delete(sent))
  }
  const close = async (): Promise<void> => {
    isClosed = true
    await Promise.allSettled(sending)
  }
  return { send, close, [Symbol.asyncDispose]: close }
}

async function write(redis: Redis, { channel, stream }: StreamContract, entry: readonly string[]): Promise<string> {
  try {
    const id = await redis.xadd(stream, '*', ...entry)
    if (id === null) throw new Error('XADD answered nil')
    return id
  } catch (error) {
    throw new SendFailed(channel, error as Error)
  }
}
