import type { DatabaseSync } from 'node:sqlite'

/** Whatever runs one statement of PostgreSQL: a client or a pool of `pg`, or something with the same `query`. */
export type SqlClient = {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }>
}

/** A client that a pool has lent. Releasing it with `true` closes its connection. */
export type LentClient = SqlClient & {
  release(isBroken?: boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
}

/** A pool of `pg`, or what lends clients as it does. */
export type SqlPool<C extends LentClient = LentClient> = {
  connect(): Promise<C>
  /** How many wait for a client. */
  readonly waitingCount?: number
}

/** A database of `node:sqlite`. */
export type SqliteDatabase = Pick<DatabaseSync, 'exec' | 'prepare'>

export function isSqlite(client: SqlClient | SqlPool | SqliteDatabase): client is SqliteDatabase {
  return 'prepare' in client && 'exec' in client
}

const NAME = /^[a-z_][a-z0-9_]{0,39}$/

/** A table's name as it stands in statements. Throws a TypeError for one that cannot be, or would have to be quoted. */
export function quoteTable(table: string): string {
  const parts = table.split('.')
  if (parts.length > 2 || !parts.every((part) => NAME.test(part)))
    throw new TypeError(
      `'${table}' cannot name a table here: use up to 40 small letters, digits and "_", behind the name of a schema and "." where there is one.`,
    )
  return parts.map((part) => `"${part}"`).join('.')
}

/** The name of a table that stands beside another. */
export function beside(quotedTable: string, suffix: string): string {
  return `${quotedTable.slice(0, -1)}_${suffix}"`
}

/** Whether a statement failed because a table, or its schema, is not there. */
export function isTableMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return (
    ('code' in error && (error.code === '42P01' || error.code === '3F000')) || error.message.startsWith('no such table')
  )
}

/**
 * Lends a client for some work, which must come to its end in time. One that fails, or falls silent, is never given back
 * as if it were whole.
 */
export async function lend<T>(pool: SqlPool, timeoutMs: number, work: (client: SqlClient) => Promise<T>): Promise<T> {
  const client = await inTime(pool.connect(), timeoutMs, (late) => late.release())
  let isBroken = true
  // Without a listener, the end of a lent connection would be the end of the process.
  client.on?.('error', ignore)
  try {
    const done = await inTime(work(client), timeoutMs)
    isBroken = false
    return done
  } finally {
    client.removeListener?.('error', ignore)
    if (isBroken) client.on?.('error', ignore)
    client.release(isBroken)
  }
}

function ignore(): void {}

/** What comes too late is handed to `whenLate`. */
export async function inTime<T>(
  promise: Promise<T>,
  timeoutMs: number,
  whenLate: (late: T) => void = ignore,
): Promise<T> {
  const { promise: deadline, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    promise.then(whenLate, ignore)
    reject(new Error(`no answer within ${timeoutMs} ms`))
  }, timeoutMs)
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}
