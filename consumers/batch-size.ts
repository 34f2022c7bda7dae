import type { EntryReply } from '../streams/index.ts'

const FIRST = 32
const MOST_CHARACTERS = 8 * 2 ** 20

/** How many entries the next read may take. It begins small and doubles, and shrinks where entries are large: Redis counts entries only. */
export class BatchSize {
  readonly #most: number
  #next: number

  constructor(most: number) {
    this.#most = most
    this.#next = Math.min(FIRST, most)
  }

  get next(): number {
    return this.#next
  }

  learn(entries: readonly EntryReply[], characters: number): void {
    if (characters > MOST_CHARACTERS)
      this.#next = Math.max(1, Math.floor((entries.length * MOST_CHARACTERS) / characters))
    else if (entries.length >= this.#next && characters * 2 <= MOST_CHARACTERS)
      this.#next = Math.min(this.#most, this.#next * 2)
  }
}
