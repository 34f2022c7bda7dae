/**
 * Keeps bytes under numbers, in one block of memory of a fixed size: a hundred thousand small buffers or strings would take
 * several times their bytes, and keep the garbage collector busy. What was put in first has to go first, unless it was used.
 */
export class ByteCache {
  readonly #block: Buffer
  readonly #places = new Map<number, number>()
  /** Where the next goes, where the oldest stands, and, once the writing has come round, where the older part ends. */
  #head = 0
  #tail = 0
  #end: number | undefined

  constructor(bytes: number) {
    // Its pages are not taken from the system before something is put there.
    this.#block = Buffer.allocUnsafeSlow(bytes)
  }

  /** A copy, since the place may soon be another's. */
  get(key: number): Buffer | undefined {
    const place = this.#places.get(key)
    if (place === undefined) return undefined
    this.#block[place + USED] = 1
    const start = place + HEADER
    return Buffer.from(this.#block.subarray(start, start + this.#block.readUInt32LE(place + LENGTH)))
  }

  set(key: number, bytes: Uint8Array): void {
    // One that is large would drive out too many others.
    if (bytes.length > this.#block.length / 16) return
    const again: { readonly key: number; readonly bytes: Buffer }[] = []
    this.#places.delete(key)
    this.#write(key, bytes, (used) => {
      if (again.length < SECOND_CHANCES) again.push(used)
    })
    for (const one of again) this.#write(one.key, one.bytes, () => {})
  }

  clear(): void {
    this.#places.clear()
    this.#head = 0
    this.#tail = 0
    this.#end = undefined
  }

  #write(key: number, bytes: Uint8Array, onUsed: (used: { key: number; bytes: Buffer }) => void): void {
    const size = HEADER + bytes.length
    if (this.#head + size > this.#block.length) this.#comeRound(onUsed)
    while (this.#end !== undefined && this.#tail - this.#head < size) this.#dropOldest(onUsed)
    this.#block.writeUInt32LE(key, this.#head)
    this.#block.writeUInt32LE(bytes.length, this.#head + LENGTH)
    this.#block[this.#head + USED] = 0
    this.#block.set(bytes, this.#head + HEADER)
    this.#places.set(key, this.#head)
    this.#head += size
  }

  /** The rest of the block is too short: the oldest part goes, up to its end, and the writing begins at the front. */
  #comeRound(onUsed: (used: { key: number; bytes: Buffer }) => void): void {
    while (this.#end !== undefined) this.#dropOldest(onUsed)
    this.#end = this.#head
    this.#head = 0
  }

  #dropOldest(onUsed: (used: { key: number; bytes: Buffer }) => void): void {
    const place = this.#tail
    const key = this.#block.readUInt32LE(place)
    const size = HEADER + this.#block.readUInt32LE(place + LENGTH)
    // It may have been set again since, at another place.
    if (this.#places.get(key) === place) {
      this.#places.delete(key)
      if (this.#block[place + USED] === 1)
        onUsed({ key, bytes: Buffer.from(this.#block.subarray(place + HEADER, place + size)) })
    }
    this.#tail += size
    if (this.#tail !== this.#end) return
    this.#tail = 0
    this.#end = undefined
  }
}

// Each stands behind its key, its length, and whether it was used.
const LENGTH = 4
const USED = 8
const HEADER = 9

/** How many that were used are put in again when one comes. */
const SECOND_CHANCES = 4
