type Keyed = { readonly key: string | undefined }

/**
 * What waits to be handled. Of one key only the first is on offer; the next one comes when the first is released, so that a
 * message that waits for its next try holds back its own key and no other.
 */
export class Order<W extends Keyed> {
  /** Comes before the others: what was tried before is older than they are. */
  #urgent: W[] = []
  #ready: W[] = []
  #head = 0
  readonly #behind = new Map<string, W[]>()

  get size(): number {
    return this.#urgent.length + this.#ready.length - this.#head
  }

  add(work: W): void {
    const { key } = work
    const behind = key === undefined ? undefined : this.#behind.get(key)
    if (behind) {
      behind.push(work)
      return
    }
    if (key !== undefined) this.#behind.set(key, [])
    this.#ready.push(work)
  }

  /** Puts back what was taken and not released; its key was never given to another. */
  again(...works: readonly W[]): void {
    this.#urgent.push(...works)
  }

  /** The same for what comes before all others again: the parts of what was on offer first. */
  first(works: readonly W[]): void {
    this.#urgent.unshift(...works)
  }

  /** Takes the first on offer, unless it does not fit: then it stays where it is. */
  next(isFit: (work: W) => boolean = () => true): W | undefined {
    const urgent = this.#urgent[0]
    const work = urgent ?? this.#ready[this.#head]
    if (work === undefined || !isFit(work)) return undefined
    if (urgent) return this.#urgent.shift()
    this.#head++
    if (this.#head === this.#ready.length) this.#startOver()
    return work
  }

  /** Lets the next of the same key come. */
  release({ key }: W): void {
    if (key === undefined) return
    const behind = this.#behind.get(key)
    const next = behind?.shift()
    if (next) this.#ready.push(next)
    else this.#behind.delete(key)
  }

  /** Forgets all that waits, and gives it. What is being handled keeps its key. */
  clear(): W[] {
    const all = [...this.#urgent, ...this.#ready.slice(this.#head), ...[...this.#behind.values()].flat()]
    for (const behind of this.#behind.values()) behind.length = 0
    for (const work of [...this.#urgent, ...this.#ready.slice(this.#head)])
      if (work.key !== undefined) this.#behind.delete(work.key)
    this.#urgent = []
    this.#startOver()
    return all
  }

  #startOver(): void {
    this.#ready = []
    this.#head = 0
  }
}
