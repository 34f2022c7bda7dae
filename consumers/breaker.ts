export type BreakerOptions = {
  /** So many parked one after the other stop the consumer. */
  readonly inARow: number
  /** Of so many latest messages … */
  readonly window: number
  /** … more than this share parked stops it as well. */
  readonly ratio: number
}

/** Counts what was parked among the latest messages: after a bad deploy everything would be. */
export class Breaker {
  readonly #options: BreakerOptions | undefined
  #inARow = 0
  /** 1 where a message was parked; the oldest is written over. */
  #latest: Uint8Array
  #seen = 0
  #parked = 0

  constructor(options: BreakerOptions | undefined) {
    this.#options = options
    this.#latest = new Uint8Array(options?.window ?? 0)
  }

  handled(): void {
    this.#inARow = 0
    this.#count(0)
  }

  /** Why to stop, or undefined to go on. Counting begins anew after a reason was given. */
  parked(): string | undefined {
    this.#inARow++
    this.#count(1)
    const why = this.#reason()
    if (why !== undefined) this.#reset()
    return why
  }

  #count(parked: 0 | 1): void {
    if (this.#options === undefined) return
    const place = this.#seen++ % this.#options.window
    this.#parked += parked - (this.#latest[place] ?? 0)
    this.#latest[place] = parked
  }

  #reason(): string | undefined {
    if (this.#options === undefined) return undefined
    const { inARow, window, ratio } = this.#options
    if (this.#inARow >= inARow) return `the last ${inARow} messages had to be parked`
    return this.#seen >= window && this.#parked > ratio * window
      ? `${this.#parked} of the last ${window} messages had to be parked`
      : undefined
  }

  #reset(): void {
    this.#inARow = this.#seen = this.#parked = 0
    this.#latest.fill(0)
  }
}
