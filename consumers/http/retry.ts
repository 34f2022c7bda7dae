import type { RetryOptions } from '../retry.ts'

/** Doing these twice is as good as doing them once. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])

export function isRepeatable(method: string, idempotencyKey: string | undefined): boolean {
  return IDEMPOTENT.has(method) || idempotencyKey !== undefined
}

/** What a server says that may soon be able to answer. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504])

export function isBusy(status: number): boolean {
  return BUSY.has(status)
}

/**
 * How long to wait before the next try: anything up to a bound that doubles each time, so that many callers spread out, and
 * at least as long as the server asked for.
 */
export function pauseBetween(
  attempt: number,
  { minMs, maxMs }: Omit<RetryOptions, 'maxAttempts'>,
  askedMs = 0,
): number {
  return Math.max(askedMs, Math.random() * Math.min(maxMs, minMs * 2 ** (attempt - 1)))
}

/** What `Retry-After` asks for, in milliseconds; it is told in seconds or as a date. */
export function retryAfterMs(headers: Headers): number {
  const text = headers.get('retry-after')
  if (text === null) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return ms > 0 ? ms : 0
}
