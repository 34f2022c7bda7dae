/**
 * A handler throws this, or any error with `retry: 'uncounted'`, when what it needs is away and the message is not to
 * blame, such as a database: it is called again after a pause, for ever, and no try is counted.
 */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable'
  readonly code: string = 'handler.unavailable'
  readonly retry = 'uncounted'
}

/** Whether an error says of itself that no message is to blame for it. */
export function isUncounted(error: unknown): error is Error {
  return error instanceof Error && 'retry' in error && error.retry === 'uncounted'
}
