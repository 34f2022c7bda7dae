/** A handler throws this, or any error with `retry: false`, when trying again is of no use: the message is parked at once. */
export class Unrecoverable extends Error {
  override readonly name = 'Unrecoverable'
  readonly retry = false
}

/** So many messages had to be parked that the fault is more likely here than in the messages. */
export class StoppedByBreaker extends Error {
  override readonly name = 'StoppedByBreaker'
  readonly code = 'consumer.stopped-by-breaker'

  constructor({ stream, group }: { readonly stream: string; readonly group: string }, why: string) {
    super(
      `The consumer of group '${group}' on stream '${stream}' reads no more: ${why}. What it has not parked stays pending; mend the handler or the contract, then call resume() or start again.`,
    )
  }
}

/** The group, or the whole stream, is not there: the server was emptied, or somebody removed it. */
export class GroupMissing extends Error {
  override readonly name = 'GroupMissing'
  readonly code = 'consumer.group-missing'

  constructor(
    { stream, group }: { readonly stream: string; readonly group: string },
    isMadeAgain: boolean,
    cause: Error,
  ) {
    super(
      isMadeAgain
        ? `Group '${group}' of stream '${stream}' was gone; it is made again from the stream's beginning, so that entries which are still there may come again.`
        : `Group '${group}' of stream '${stream}' is not there, and onMissingGroup is 'fail': the consumer is closed. Make it with XGROUP CREATE ${stream} ${group} <id> MKSTREAM and start again.`,
      { cause },
    )
  }
}

/** Redis has not answered in time; the connection was thrown away and made again. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly code = 'consumer.no-answer'

  constructor(timeoutMs: number) {
    super(`Redis has not answered within ${timeoutMs} ms; the consumer connects again and goes on.`)
  }
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(textOf(thrown))
}

/** Anything may be thrown, also what cannot be made a text. */
export function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown)
  } catch {
    return 'something without a text was thrown'
  }
}
