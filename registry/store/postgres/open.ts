import { setTimeout as wait } from 'node:timers/promises'
import type { Client, default as Driver } from 'pg'
import { RegistryError, registryError } from '../../errors.ts'
import type { StoreMetrics } from '../../operations/metrics.ts'
import { appendTogether } from '../append-together.ts'
import { GroupCommit } from '../group-commit.ts'
import { readsOver } from '../reads.ts'
import type { Sql } from '../sql.ts'
import type { Reads, Store, Transaction } from '../store.ts'
import { writesOver } from '../writes.ts'
import { appendAllOver } from './append.ts'
import { commitTogether } from './commit.ts'
import { Connections, type Place } from './connections.ts'
import { explainOpening } from './errors.ts'
import { migrate } from './migrations.ts'
import { readTogether } from './read-together.ts'
import type { Session } from './session.ts'

export type PostgresOptions = {
  /** Where the database is, as a connection string; its password is never told. */
  readonly url: string
  /** How many connections are open at most. */
  readonly poolSize?: number
  /** How long any statement may take, and how long writes wait for those of other processes. */
  readonly timeoutMs?: number
  /** How long to wait for a connection, and at the start for a server that is not there yet. */
  readonly acquireTimeoutMs?: number
  /** What the database's list of connections calls this process. */
  readonly applicationName?: string
}

/** Opens the store in a PostgreSQL database, making its tables where they are missing. Several processes may have it open. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { acquireTimeoutMs = 10_000 } = options
  const place = await placeOf(options)
  const connections = new Connections(place)
  try {
    await retryWhileUnavailable(acquireTimeoutMs, () =>
      connections.check((session) => migrate(session, place.database)),
    )
    return new PostgresStore(connections, place.timeoutMs)
  } catch (error) {
    await connections.close()
    throw explainOpening(error, place.database)
  }
}

class PostgresStore implements Store {
  readonly schemas: Reads['schemas']
  readonly subjects: Reads['subjects']
  readonly services: Reads['services']
  readonly channels: Reads['channels']
  readonly environments: Reads['environments']
  readonly verdicts: Reads['verdicts']
  readonly credentials: Reads['credentials']
  readonly audit: Reads['audit']
  readonly append: Store['append']
  readonly #connections: Connections
  readonly #commits: GroupCommit
  #transaction: Transaction | undefined

  constructor(connections: Connections, timeoutMs: number) {
    this.#connections = connections
    const sql: Sql = async (...statement) =>
      statement.some(holdsNull) ? [] : connections.use((session) => session.sql(...statement))
    const { schemas, subjects, ...others } = readsOver(sql)
    const { head, findLive } = readTogether(sql)
    this.schemas = schemas
    this.services = others.services
    this.channels = others.channels
    this.environments = others.environments
    this.verdicts = others.verdicts
    this.credentials = others.credentials
    this.audit = others.audit
    this.subjects = {
      ...subjects,
      // What holds a NUL is not there, and must not spoil it for those who ask at the same time.
      head: (subject) => (holdsNull(subject) ? subjects.head(subject) : head(subject)),
      find: (subject, identity, which) =>
        which === 'live' && !holdsNull(subject) ? findLive(subject, identity) : subjects.find(subject, identity, which),
    }
    const onSession = (session: Session) => {
      this.#transaction = transactionOver(session)
    }
    this.#commits = new GroupCommit((writes) => commitTogether({ connections, timeoutMs, onSession }, writes))
    this.append = appendTogether((work) => this.write(work))
  }

  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#commits.add(async () => {
      if (this.#transaction === undefined) throw new Error('A write has begun outside of any commit.')
      return work(this.#transaction)
    })
  }

  snapshot<T>(work: (reads: Reads) => Promise<T>): Promise<T> {
    const begin = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
    return this.#connections.useAfter(begin, ({ sql }) => work(readsOver(sql)))
  }

  check(): Promise<void> {
    return this.#connections.check(({ sql }) => readsOver(sql).schemas.maxId())
  }

  observe(metrics: StoreMetrics): void {
    this.#connections.observe(metrics)
  }

  async close(): Promise<void> {
    await this.#commits.close()
    await this.#connections.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** What PostgreSQL cannot keep in a text is not there. */
function holdsNull(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\0')
}

function transactionOver(session: Session): Transaction {
  // Asking for what holds a NUL would end the transaction for all who share it; writing it is refused before.
  const sql: Sql = async (text, ...values) =>
    text.startsWith('SELECT') && values.some(holdsNull) ? [] : session.sql(text, ...values)
  const { subjects, ...others } = writesOver(sql)
  const appendAll = appendAllOver(sql)
  const append: typeof subjects.append = async (subject, content, revision) =>
    (await appendAll([{ subject, content, revision }]))[0]
  return { ...others, subjects: { ...subjects, append, appendAll } }
}

async function retryWhileUnavailable(deadlineMs: number, attempt: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      const isAway = error instanceof RegistryError && error.code === 'store.unavailable'
      if (!isAway || performance.now() >= deadline) throw error
    }
    await wait(50)
  }
}

async function placeOf(options: PostgresOptions): Promise<Place> {
  const { url, poolSize = 10, timeoutMs = 10_000, acquireTimeoutMs = 10_000, applicationName = 'concordat' } = options
  const pg = await importDriver()
  const settings = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: acquireTimeoutMs,
    // The server's own limits are set where they end with their transaction, since PgBouncer would not keep them apart.
    query_timeout: timeoutMs + SERVER_IS_SOONER_MS,
    application_name: applicationName,
    keepAlive: true,
  }
  return { pool: new pg.Pool(settings), database: describe(() => new pg.Client(settings)), timeoutMs }
}

/** The server's time-out comes first: it leaves a connection that can be used. */
const SERVER_IS_SOONER_MS = 500

/** Which database a connection string means, without what must not be told. */
function describe(makeClient: () => Client): string {
  try {
    const { database, host, port } = makeClient()
    return `${database} on ${host}:${port}`
  } catch {
    // The error is not told either: it quotes the string, password and all.
    throw registryError('store.refused', { database: 'DATABASE_URL', reason: 'this is no connection string' })
  }
}

/** Loaded late, so that whoever keeps the data in SQLite need not have it. */
async function importDriver(): Promise<typeof Driver> {
  try {
    const { default: driver } = await import('pg')
    return driver
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error
    throw registryError('driver.missing', { driver: 'pg', setting: 'DATABASE_URL' }, { cause: error })
  }
}
