import { DatabaseSync } from 'node:sqlite'

/** Opens a connection that writes. It waits for other processes up to the time-out, and blocks its thread meanwhile. */
export function openConnection(file: string, timeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: timeoutMs, enableForeignKeyConstraints: true })
  tellTime(database)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return database
}

/** Opens a connection that reads: on the writer's it would see what is not committed yet. */
export function openReader(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, readOnly: true })
  tellTime(database)
  // Enough for the inner pages of the indexes of a million schemas.
  database.exec('PRAGMA cache_size = -12000')
  return database
}

/** The clock for expiry, under the name that it has in PostgreSQL. */
function tellTime(database: DatabaseSync): void {
  database.function('concordat_now', () => Date.now())
}

/** How long a connection on the event loop waits for a lock; longer waiting is done without blocking. */
export const BUSY_TIMEOUT_MS = 50
