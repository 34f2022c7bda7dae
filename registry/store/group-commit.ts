import { setImmediate as nextTurn } from 'node:timers/promises'
import { registryError } from '../errors.ts'

/** One write that waits for a commit. */
export type Write = {
  /** Runs the work and answers how to tell its caller once it is on disk. */
  readonly run: () => Promise<() => void>
  readonly reject: (reason: unknown) => void
  /** The work asks the transaction once, at once, and nothing more: nobody need wait between the steps of its commit. */
  readonly isOneCall: boolean
}

/** How many writes share a commit at most, so that the event loop is not held for long. */
const WRITES_PER_COMMIT = 64

/**
 * Lets writes that wait together share one commit, and so one flush to the disk. `commit` takes them in their order, tells
 * each how it ended, and never rejects.
 */
export class GroupCommit {
  readonly #commit: (writes: readonly Write[]) => Promise<void>
  #waiting: Write[] = []
  #draining: Promise<void> | undefined
  #closed = false

  constructor(commit: (writes: readonly Write[]) => Promise<void>) {
    this.#commit = commit
  }

  /** How many writes no commit has taken yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  add<T>(work: () => Promise<T>, { isOneCall = false } = {}): Promise<T> {
    if (this.#closed) return Promise.reject(registryError('store.closed', undefined))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const run = async () => {
      const value = await work()
      return () => resolve(value)
    }
    this.#waiting.push({ run, reject, isOneCall })
    this.#draining ??= this.#drain()
    return promise
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Lets the requests that arrived in the same turn gather.
      await nextTurn()
      await this.#commit(this.#waiting.splice(0, WRITES_PER_COMMIT))
    }
    this.#draining = undefined
  }
}
