import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { registryError } from '../errors.ts'
import { retryWhileBusy } from './sqlite-errors.ts'

type Write = {
  /** Runs the work and answers how to tell its caller once it is on disk. */
  readonly run: () => Promise<() => void>
  readonly reject: (reason: unknown) => void
}

/** How many writes share a commit at most, so that the event loop is not held for long. */
const WRITES_PER_COMMIT = 64

/** Writes that wait together share one commit, and so one flush to the disk; each is a savepoint of its own in it. */
export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #deadlineMs: number
  #waiting: Write[] = []
  #draining: Promise<void> | undefined
  #closed = false

  constructor(database: DatabaseSync, deadlineMs: number) {
    this.#database = database
    this.#deadlineMs = deadlineMs
  }

  add<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(registryError('store.closed', undefined))
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const run = async () => {
      const value = await work()
      return () => resolve(value)
    }
    this.#waiting.push({ run, reject })
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

  /** Never rejects: what goes wrong here is told to the writers. */
  async #commit(writes: readonly Write[]): Promise<void> {
    try {
      await retryWhileBusy(() => this.#database.exec('BEGIN IMMEDIATE'), this.#deadlineMs)
      const tellings: (() => void)[] = []
      for (const write of writes) tellings.push(await this.#save(write))
      this.#database.exec('COMMIT')
      for (const tell of tellings) tell()
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      for (const write of writes) write.reject(error)
    }
  }

  async #save({ run, reject }: Write): Promise<() => void> {
    this.#database.exec('SAVEPOINT write')
    try {
      const tell = await run()
      this.#database.exec('RELEASE write')
      return tell
    } catch (error) {
      // On a full disk and the like SQLite has ended the transaction by itself: then nobody's writes happened.
      if (!this.#database.isTransaction) throw error
      this.#database.exec('ROLLBACK TO write; RELEASE write')
      return () => reject(error)
    }
  }
}
