import type { Delivery, Origin } from '../options.ts'

/** What `handleBatch` of a consumer takes: messages that all are handled when it returns, and none when it throws. */
export type HandleBatch<M> = (batch: readonly Delivery<M>[], origin: Origin) => Promise<void> | void

export type InboxOptions = {
  /** The inbox's table; `concordat_inbox` unless given. */
  readonly table?: string
  /**
   * How long the inbox remembers what was handled, by the database's clock; 2,592,000,000 (30 days) unless given. Longer
   * than the stream and its dead letters are kept: what comes again after that takes effect again.
   */
  readonly keepMs?: number
  /** How long a handler may take; 30,000 unless given. */
  readonly timeoutMs?: number
}

export function boundsOf({ keepMs = 30 * 86_400_000, timeoutMs = 30_000 }: InboxOptions) {
  const bounds = { keepMs, timeoutMs }
  for (const [name, value] of Object.entries(bounds))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} of an inbox is ${value}; give it an integer from 1 on.`)
  return bounds
}
