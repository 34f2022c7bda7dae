type Entry<Value> = { readonly value: Value; readonly weight: number; wasUsed: boolean }

/**
 * Keeps what is used, up to a total weight. Whoever was used since the last look at it gets a second chance, and what was
 * not has to go: nearly what was not used for longest, and using something costs no more than finding it.
 */
export class Kept<Key, Value> {
  readonly #most: number
  readonly #entries = new Map<Key, Entry<Value>>()
  #weight = 0
  #hand = this.#entries.entries()

  constructor(most: number) {
    this.#most = most
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.wasUsed = true
    return entry.value
  }

  set(key: Key, value: Value, weight = 1): void {
    this.delete(key)
    if (weight > this.#most) return
    this.#entries.set(key, { value, weight, wasUsed: false })
    this.#weight += weight
    if (this.#weight > this.#most) this.#makeRoom()
  }

  delete(key: Key): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#weight = 0
  }

  #makeRoom(): void {
    while (this.#weight > this.#most) {
      // The hand goes round where it stood: to begin anew each time, it would have to pass all that has gone before.
      const { done, value } = this.#hand.next()
      if (done) this.#hand = this.#entries.entries()
      else if (value[1].wasUsed) value[1].wasUsed = false
      else this.delete(value[0])
    }
  }
}
