import { mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { registryError } from '../../errors.ts'
import type { StoreMetrics } from '../../operations/metrics.ts'
import { appendTogether } from '../append-together.ts'
import { GroupCommit } from '../group-commit.ts'
import { readsOver } from '../reads.ts'
import type { Reads, Store, Transaction } from '../store.ts'
import { BUSY_TIMEOUT_MS, openConnection, openReader } from './connection.ts'
import { explainOpening, retryWhileBusy } from './errors.ts'
import { migrate } from './migrations.ts'
import { sqlOf } from './statements.ts'
import { Writer, type WriterData } from './writer.ts'

export type SqliteOptions = {
  /** How long a write, and the start, waits for other processes that write to the same file. */
  readonly busyDeadlineMs?: number
}

/** Opens the store in a folder, making both where they are missing. Several processes may have it open. */
export async function openSqliteStore(folder: string, { busyDeadlineMs = 10_000 }: SqliteOptions = {}): Promise<Store> {
  makeFolder(folder)
  const file = join(folder, 'concordat.db')
  try {
    await prepare(file, busyDeadlineMs)
    return new SqliteStore({ file, busyDeadlineMs })
  } catch (error) {
    throw explainOpening(error, file) ?? error
  }
}

class SqliteStore implements Store {
  readonly #file: string
  readonly #reader: DatabaseSync
  readonly #reads: Reads
  readonly #writer: Writer
  readonly #commits: GroupCommit
  readonly append: Store['append']

  constructor(place: WriterData) {
    this.#file = place.file
    this.#reader = openReader(place.file)
    this.#reads = readsOver(sqlOf(this.#reader))
    this.#writer = new Writer(place)
    this.#commits = new GroupCommit((writes) => this.#writer.commit(writes))
    this.append = appendTogether((work) => this.#commits.add(() => work(this.#writer.transaction), { isOneCall: true }))
  }

  get schemas(): Reads['schemas'] {
    return this.#open().schemas
  }

  get subjects(): Reads['subjects'] {
    return this.#open().subjects
  }

  get services(): Reads['services'] {
    return this.#open().services
  }

  get channels(): Reads['channels'] {
    return this.#open().channels
  }

  get environments(): Reads['environments'] {
    return this.#open().environments
  }

  get verdicts(): Reads['verdicts'] {
    return this.#open().verdicts
  }

  get credentials(): Reads['credentials'] {
    return this.#open().credentials
  }

  get audit(): Reads['audit'] {
    return this.#open().audit
  }

  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#commits.add(() => work(this.#writer.transaction))
  }

  async snapshot<T>(work: (reads: Reads) => Promise<T>): Promise<T> {
    this.#open()
    const database = openReader(this.#file)
    try {
      database.exec('BEGIN')
      return await work(readsOver(sqlOf(database)))
    } finally {
      database.close()
    }
  }

  async check(): Promise<void> {
    await this.schemas.maxId()
  }

  /** One connection reads, at once; the other writes, and may keep others waiting. */
  observe(metrics: StoreMetrics): void {
    this.#writer.observe(metrics)
    metrics.watchConnections(() => ({
      idle: this.#writer.isBusy ? 1 : 2,
      busy: this.#writer.isBusy ? 1 : 0,
      waiting: this.#commits.waiting,
    }))
  }

  async close(): Promise<void> {
    await this.#commits.close()
    if (!this.#reader.isOpen) return
    this.#reader.close()
    // The writer goes last, since the last connection to go puts the log away.
    await this.#writer.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #open(): Reads {
    if (!this.#reader.isOpen) throw registryError('store.closed', undefined)
    return this.#reads
  }
}

function makeFolder(folder: string): void {
  try {
    makeLevels(resolve(folder))
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    if (reason === 'EEXIST' || reason === 'ENOTDIR')
      throw registryError('store.not-a-folder', { file: folder }, { cause: error })
    throw registryError('store.not-writable', { file: folder, reason }, { cause: error })
  }
}

/** Level by level: Node's own `recursive` never comes back from folders such as /proc, where nothing can be made. */
function makeLevels(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(folder) !== folder) makeLevels(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // another process may have been quicker
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
}

/** Makes the file where it is missing, and brings it to the newest form. */
async function prepare(file: string, busyDeadlineMs: number): Promise<void> {
  const database = await retryWhileBusy(() => openConnection(file, BUSY_TIMEOUT_MS), busyDeadlineMs)
  try {
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'), busyDeadlineMs)
    migrate(database, file)
    database.exec('COMMIT')
  } finally {
    database.close()
  }
}
