/** What waits for its time to come again. */
export class Waiting<W> {
  readonly #timers = new Map<W, NodeJS.Timeout>()

  add(work: W, ms: number, onTime: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(work)
      onTime()
    }, ms)
    this.#timers.set(work, timer)
  }

  /** Forgets all of it, and gives it. */
  clear(): W[] {
    const works = [...this.#timers.keys()]
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    return works
  }
}
