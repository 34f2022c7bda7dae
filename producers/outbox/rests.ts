const SHORTEST_MS = 50
const LONGEST_MS = 5000

type Rest = { readonly until: number; readonly failures: number }

/** What has failed rests for a while, each time twice as long, with half of it by chance. */
export class Rests {
  readonly #rests = new Map<string, Rest>()

  /** Says how long it will be. */
  begin(name: string): number {
    const failures = (this.#rests.get(name)?.failures ?? 0) + 1
    const ms = Math.min(SHORTEST_MS * 2 ** failures, LONGEST_MS) * (0.5 + Math.random() / 2)
    this.#rests.set(name, { failures, until: performance.now() + ms })
    return ms
  }

  end(name: string): void {
    this.#rests.delete(name)
  }

  has(name: string): boolean {
    return (this.#rests.get(name)?.until ?? 0) > performance.now()
  }
}
