import { setTimeout as wait } from 'node:timers/promises'

/** An answer of a server, as far as it says when to ask again. */
export type Held = { readonly status: number; readonly retryAfter: string | null }

export type Again = {
  /** Tells that it is going to wait. */
  readonly tell: (sentence: string) => void
  /** The longest that it waits before one attempt; who asks for more is not asked again. */
  readonly longestMs: number
}

const MOST_RETRIES = 3

/** Asks again, a few times, for as long as a server says that it cannot answer now, and when to come back. */
export async function askAgain<T extends Held>(ask: () => Promise<T>, { tell, longestMs }: Again): Promise<T> {
  for (let retry = 1; ; retry++) {
    const answer = await ask()
    const waitMs = waitOf(answer)
    if (waitMs === undefined || waitMs > longestMs || retry > MOST_RETRIES) return answer
    tell(
      `The registry cannot answer now (${answer.status}): asking again in ${waitMs / 1000} s (${retry} of ${MOST_RETRIES}).`,
    )
    await wait(waitMs)
  }
}

/** How long a server wants to be left alone, in milliseconds, by seconds or by a date (RFC 9110); undefined where it does not say. */
function waitOf({ status, retryAfter }: Held): number | undefined {
  if ((status !== 429 && status !== 503) || retryAfter === null) return undefined
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * 1000
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000) * 1000)
}
