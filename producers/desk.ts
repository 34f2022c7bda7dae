import type { Delivered } from './deliver.ts'
import { NotSent, SendFailed } from './errors.ts'
import type { AddHeaders } from './headers.ts'
import type { Line } from './line.ts'

/** What both ways of sending, together and by a token of one's own, work with. */
export type Desk = {
  readonly channel: string
  readonly line: Line
  readonly maxBatch: number
  readonly deadlineMs: number
  /** The time of `performance.now()` by which a send that begins now has ended. */
  readonly deadline: () => number
  readonly nextToken: () => string
  readonly addHeaders: AddHeaders
  readonly write: (token: string, entries: readonly (readonly string[])[], deadline: number) => Promise<Delivered>
}

/** Why a send ended without being sent. */
export function failed(
  channel: string,
  { error = new Error('no answer'), isUntouched = false }: Omit<Delivered, 'ids'>,
  about: { readonly token: string; readonly written?: readonly string[] },
): Error {
  return isUntouched ? new NotSent(channel, error) : new SendFailed(channel, error, about)
}
