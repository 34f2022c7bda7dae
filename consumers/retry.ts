import { isUncounted } from './unavailable.ts'

export type RetryOptions = {
  /** After so many failed tries a message is parked. */
  readonly maxAttempts: number
  /** The pause after the first failed try; each further one is twice as long. */
  readonly minMs: number
  readonly maxMs: number
}

/** How long to wait after a failed try: twice as long each time, and up to half of it at random, so that many do not come back at once. */
export function pauseAfter(attempt: number, { minMs, maxMs }: Pick<RetryOptions, 'minMs' | 'maxMs'>): number {
  const longest = Math.min(maxMs, minMs * 2 ** (attempt - 1))
  return longest * (0.5 + Math.random() / 2)
}

/** Whether a message is parked after this try has failed. */
export function isLastTry(attempt: number, error: unknown, { maxAttempts }: RetryOptions): boolean {
  return !isUncounted(error) && (attempt >= maxAttempts || isUnrecoverable(error))
}

/** Whether an error says of itself that trying again is of no use. */
export function isUnrecoverable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retry' in error && error.retry === false
}
