import type { Rate } from './rates.ts'

/** What became of a request that was held against a rate. */
export type Taken = {
  readonly isAllowed: boolean
  /** How many more may come now. */
  readonly left: number
  /** When the oldest request that counts will count no more: then one more may come. */
  readonly freeInMs: number
}

/** The keys, and the moments in all of their windows, that are remembered at most. */
export const MOST_KEYS = 20_000
export const MOST_MOMENTS = 1_000_000

/**
 * Exact sliding windows in memory: a request is allowed when fewer than the rate's count were allowed in the time before it.
 * Whoever was not heard of for longest is forgotten first, and being refused counts as being heard of: to have one's own
 * window forgotten, one must send requests under twenty thousand other keys, each of which has a rate of its own.
 */
export class Windows {
  readonly #allowed = new Map<string, number[]>()
  #moments = 0

  take(key: string, { most, windowMs }: Rate, now: number): Taken {
    const allowed = this.#allowed.get(key) ?? []
    const passed = countPassed(allowed, now - windowMs)
    if (passed > 0) allowed.splice(0, passed)
    const isAllowed = allowed.length < most
    if (isAllowed) allowed.push(now)
    this.#moments += Number(isAllowed) - passed
    // What is put in again stands last.
    this.#allowed.delete(key)
    this.#allowed.set(key, allowed)
    this.#makeRoom()
    return { isAllowed, left: Math.max(0, most - allowed.length), freeInMs: windowMs - (now - (allowed[0] ?? now)) }
  }

  #makeRoom(): void {
    while (this.#allowed.size > MOST_KEYS || this.#moments > MOST_MOMENTS) {
      const [oldest] = this.#allowed
      if (oldest === undefined) return
      this.#moments -= oldest[1].length
      this.#allowed.delete(oldest[0])
    }
  }
}

/** How many stand at the beginning of an ascending list that are not later than a moment. */
function countPassed(moments: readonly number[], until: number): number {
  const first = moments.findIndex((moment) => moment > until)
  return first < 0 ? moments.length : first
}
