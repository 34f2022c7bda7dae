import type { Source } from './group.ts'
import type { Work } from './work.ts'

/** However small the entries are: each costs memory and a heartbeat. */
const MOST = 5000
const MOST_CHARACTERS = 64 * 2 ** 20

/** All that was read and is not yet acknowledged or parked. */
export class Hands {
  readonly #works = new Map<string, Work>()
  #size = 0

  get count(): number {
    return this.#works.size
  }

  get hasRoom(): boolean {
    return this.#works.size < MOST && this.#size < MOST_CHARACTERS
  }

  has(source: Source, id: string): boolean {
    return this.#works.has(nameOf(source, id))
  }

  add(work: Work): void {
    this.#works.set(nameOf(work.source, work.id), work)
    this.#size += work.size
  }

  remove(work: Work): void {
    if (this.#works.delete(nameOf(work.source, work.id))) this.#size -= work.size
  }

  /** What the server was not told of since then. */
  heldBefore(source: Source, time: number): Work[] {
    return [...this.#works.values()].filter((work) => work.source === source && work.heldAt <= time)
  }
}

function nameOf({ isRetry }: Source, id: string): string {
  return isRetry ? `retry ${id}` : id
}
