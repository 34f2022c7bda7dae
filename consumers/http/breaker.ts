import { Breaker, type BreakerOptions } from '../breaker.ts'
import { BreakerOpen } from './errors.ts'

export type CallBreakerOptions = BreakerOptions & {
  /** How long nobody is asked; then one call may try. */
  readonly pauseMs: number
}

/** The breaker has opened, for so long, or has closed. */
export type Break = { readonly state: 'open'; readonly pauseMs: number } | { readonly state: 'closed' }

/** What is given to a call that passes, and given back at its end. */
export type Pass = { readonly isProbe: boolean }

export type End = 'answered' | 'failed' | 'given-up'

/** Stops asking a service that keeps failing. After a pause one call tries, and its end decides for all. */
export class CallBreaker {
  readonly #origin: string
  readonly #pauseMs: number
  readonly #onBreak: (change: Break) => void
  readonly #count: Breaker
  #pausedUntil: number | undefined
  #isProbing = false

  constructor(origin: string, options: CallBreakerOptions, onBreak: (change: Break) => void) {
    this.#origin = origin
    this.#pauseMs = options.pauseMs
    this.#onBreak = onBreak
    this.#count = new Breaker(options)
  }

  /** Lets a call pass that has made so many tries before, or throws `BreakerOpen`. */
  enter(tries: number): Pass {
    if (this.#pausedUntil === undefined) return { isProbe: false }
    const leftMs = this.#pausedUntil - performance.now()
    if (leftMs > 0 || this.#isProbing) throw new BreakerOpen(this.#origin, Math.max(0, leftMs), tries)
    this.#isProbing = true
    return { isProbe: true }
  }

  /** Tells how a call that passed has ended. Those that had begun before the breaker opened change nothing any more. */
  leave({ isProbe }: Pass, end: End): void {
    if (isProbe) this.#isProbing = false
    if (end === 'given-up' || (this.#pausedUntil !== undefined && !isProbe)) return
    if (end === 'failed') {
      if (isProbe || this.#count.parked() !== undefined) this.#open()
    } else {
      this.#count.handled()
      if (isProbe) this.#close()
    }
  }

  #open(): void {
    this.#pausedUntil = performance.now() + this.#pauseMs
    this.#onBreak({ state: 'open', pauseMs: this.#pauseMs })
  }

  #close(): void {
    this.#pausedUntil = undefined
    this.#onBreak({ state: 'closed' })
  }
}
