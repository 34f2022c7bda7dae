import { mkdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { registryError } from '../errors.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrations.ts'
import { BUSY_TIMEOUT_MS, explainOpening, retryWhileBusy } from './sqlite-errors.ts'
import { readSchemas, writeSchemas } from './sqlite-schemas.ts'
import type { SchemaReads, Store, Transaction } from './store.ts'

export type SqliteOptions = {
  /** How long a write, and the start, waits for other processes that write to the same file. */
  readonly busyDeadlineMs?: number
}

/** Opens the store in a folder, making both where they are missing. Several processes may have it open. */
export async function openSqliteStore(folder: string, { busyDeadlineMs = 10_000 }: SqliteOptions = {}): Promise<Store> {
  makeFolder(folder)
  const file = join(folder, 'concordat.db')
  try {
    const writer = await openWriter(file, busyDeadlineMs)
    // Readers have a connection of their own: on the writer's they would see what is not committed yet.
    return new SqliteStore(writer, new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true }), busyDeadlineMs)
  } catch (error) {
    throw explainOpening(error, file) ?? error
  }
}

class SqliteStore implements Store {
  readonly #reader: DatabaseSync
  readonly #schemas: SchemaReads
  readonly #writer: DatabaseSync
  readonly #transaction: Transaction
  readonly #commits: GroupCommit

  constructor(writer: DatabaseSync, reader: DatabaseSync, busyDeadlineMs: number) {
    this.#writer = writer
    this.#reader = reader
    this.#transaction = { schemas: writeSchemas(writer) }
    this.#commits = new GroupCommit(writer, busyDeadlineMs)
    this.#schemas = readSchemas(reader)
  }

  get schemas(): SchemaReads {
    this.#refuseWhenClosed()
    return this.#schemas
  }

  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#commits.add(() => work(this.#transaction))
  }

  async check(): Promise<void> {
    this.#refuseWhenClosed()
    this.#reader.prepare('SELECT count(*) FROM contexts').get()
  }

  async close(): Promise<void> {
    await this.#commits.close()
    // The writer goes last, since the last connection to go puts the log away.
    for (const database of [this.#reader, this.#writer]) if (database.isOpen) database.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #refuseWhenClosed(): void {
    if (!this.#reader.isOpen) throw registryError('store.closed', undefined)
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

async function openWriter(file: string, busyDeadlineMs: number): Promise<DatabaseSync> {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true })
  try {
    await retryWhileBusy(() => database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'), busyDeadlineMs)
    await retryWhileBusy(() => database.exec('BEGIN IMMEDIATE'), busyDeadlineMs)
    migrate(database, file)
    database.exec('COMMIT')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
