/** What waits for its time to come again. */
export class Waiting<W> {
  readonly #timers = new Map<readonly W[], NodeJS.Timeout>()

  /** What waits together comes together. */
  add(works: readonly W[], ms: number, onTime: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(works)
      onTime()
    }, ms)
    this.#timers.set(works, timer)
  }

  /** Forgets all of it, and gives it. */
  clear(): W[] {
    const works = [...this.#timers.keys()].flat()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    return works
  }
}
