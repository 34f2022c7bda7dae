export type CircuitBreakerOptions = {
  /** Which errors say that the other side does not answer. Every other error is an answer too. */
  readonly isFailure: (error: unknown) => boolean
  /** What to throw instead of asking, made from the failure that came last. */
  readonly refusal: (failure: unknown) => Error
  /** How many failures, one after the other, stop the asking. */
  readonly failures?: number
  /** How long nobody asks; then one may try. */
  readonly pauseMs?: number
  /** The milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

/** `half-open` is the end of the pause: one may try. */
export type BreakerState = 'closed' | 'half-open' | 'open'

/** Stops asking somebody who does not answer, so that callers hear at once what they would have waited for in vain. */
export class CircuitBreaker {
  readonly #options: Required<CircuitBreakerOptions>
  #failures = 0
  #lastFailure: unknown
  #pausedUntil = 0
  #isTrying = false
  #tell: () => void = () => {}

  constructor(options: CircuitBreakerOptions) {
    this.#options = { failures: 5, pauseMs: 30_000, now: () => performance.now(), ...options }
  }

  get state(): BreakerState {
    const { failures, now } = this.#options
    if (this.#failures < failures) return 'closed'
    return !this.#isTrying && now() < this.#pausedUntil ? 'open' : 'half-open'
  }

  /** Lets somebody know of every failure, whoever was told before. */
  onFailure(tell: () => void): void {
    this.#tell = tell
  }

  /** Runs a task, or throws the refusal at once. After the pause one task runs, and its end decides for all. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const isTrial = this.#enter()
    try {
      const value = await task()
      this.close()
      return value
    } catch (error) {
      this.#judge(error, isTrial)
      throw error
    } finally {
      if (isTrial) this.#isTrying = false
    }
  }

  /** Lets tasks run again, for the other side is known to answer. */
  close(): void {
    this.#failures = 0
  }

  #enter(): boolean {
    const { failures, now, refusal } = this.#options
    if (this.#failures < failures) return false
    if (this.#isTrying || now() < this.#pausedUntil) throw refusal(this.#lastFailure)
    this.#isTrying = true
    return true
  }

  #judge(error: unknown, isTrial: boolean): void {
    const { isFailure, failures, pauseMs, now } = this.#options
    if (!isFailure(error)) return this.close()
    const wasOpen = this.#failures >= failures
    this.#failures += 1
    this.#lastFailure = error
    this.#tell()
    // Those that had begun before it opened do not make the pause longer.
    if (isTrial || !wasOpen) this.#pausedUntil = now() + pauseMs
  }
}
