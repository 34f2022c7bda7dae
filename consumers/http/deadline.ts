import { asError } from '../errors.ts'

/** Ends a call when its time is up or when its caller gives it up, whichever comes first. */
export class Deadline implements Disposable {
  readonly timeoutMs: number
  /** What to do at the end; listeners of the signal would cost more than all else here. */
  onEnd: (() => void) | undefined
  readonly #controller = new AbortController()
  readonly #given: AbortSignal | undefined
  readonly #endsAt: number
  readonly #timer: NodeJS.Timeout

  constructor(timeoutMs: number, given: AbortSignal | undefined) {
    given?.throwIfAborted()
    this.timeoutMs = timeoutMs
    this.#given = given
    this.#endsAt = performance.now() + timeoutMs
    this.#timer = setTimeout(this.#end, timeoutMs)
    given?.addEventListener('abort', this.#end)
  }

  readonly #end = (): void => {
    this.#controller.abort(this.#given?.reason)
    this.onEnd?.()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted
  }

  get isGivenUp(): boolean {
    return this.#given?.aborted ?? false
  }

  /** Why the caller gave up. */
  get reason(): unknown {
    return this.#given?.reason
  }

  /** Milliseconds until the time is up. */
  get leftMs(): number {
    return this.#endsAt - performance.now()
  }

  /** Waits for something that knows nothing of the signal, and no longer than there is time. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(asError(this.signal.reason))
      this.onEnd = giveUp
      if (this.isOver) giveUp()
      work.then(resolve, reject)
    })
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#given?.removeEventListener('abort', this.#end)
  }
}
