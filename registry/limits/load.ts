/** Why a request is turned away before anything is done for it. */
export type Crowding = 'in-flight' | 'event-loop'

/** Requests under way at once, unless it is set otherwise. */
export const MOST_IN_FLIGHT = 1000

/** How late the event loop may be; it is late when two looks at it in a row, this far apart, find it so. */
export const LATEST_MS = 500
const LOOK_MS = 50

/**
 * How much a process has to do: how many requests are under way, and how late its event loop is. Once it has too much, it
 * takes nothing new before both have become clearly less: four fifths of the requests, half the lateness.
 */
export class Load {
  readonly #most: number
  #ceiling: number
  #inFlight = 0
  #latenesses = 0
  #isLate = false
  #lookedAt = 0

  constructor(most = MOST_IN_FLIGHT) {
    this.#most = most
    this.#ceiling = most
  }

  /** What keeps a new request from being taken, if anything does. */
  crowding(): Crowding | undefined {
    if (this.#isLate) return 'event-loop'
    if (this.#inFlight < this.#ceiling) return undefined
    this.#ceiling = Math.ceil(this.#most * 0.8)
    return 'in-flight'
  }

  enter(): void {
    this.#inFlight += 1
  }

  leave(): void {
    this.#inFlight -= 1
    if (this.#inFlight < this.#ceiling) this.#ceiling = this.#most
  }

  /** Looks at the event loop from now on, and answers how to stop it. It keeps no process alive. */
  watch(): () => void {
    this.#lookedAt = performance.now()
    const timer = setInterval(() => this.look(performance.now()), LOOK_MS).unref()
    return () => clearInterval(timer)
  }

  /** A single late look is a pause that is over, and not too much to do. */
  look(now: number): void {
    const lateMs = now - this.#lookedAt - LOOK_MS
    this.#lookedAt = now
    this.#latenesses = lateMs > LATEST_MS ? this.#latenesses + 1 : 0
    if (this.#latenesses > 1) this.#isLate = true
    else if (lateMs < LATEST_MS / 2) this.#isLate = false
  }
}
