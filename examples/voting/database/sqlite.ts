import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { inSqlite, prepareInbox } from 'concordat/consumers'
import { type CountedVote, type CountVotes, requestOf, type Totals, type VotesDatabase } from './votes-database.ts'

const TABLES = `
  create table if not exists votes (option text primary key, count integer not null, counted_at integer not null) strict;
  create table if not exists counted (request_id text primary key) strict, without rowid;`

/** How long one process waits for another that writes. */
const BUSY_TIMEOUT_MS = 2_000
const SQLITE_BUSY = 5

/** Opens the votes in a file of a folder, and makes both where they are missing. */
export async function openSqlite(folder: string): Promise<VotesDatabase> {
  await mkdir(folder, { recursive: true })
  const database = new DatabaseSync(join(folder, 'votes.sqlite'), { timeout: BUSY_TIMEOUT_MS })
  await writeAhead(database)
  database.exec(TABLES)
  await prepareInbox(database)
  const select = database.prepare('select option, count, counted_at from votes')
  return {
    readTotals: async () => totalsOf(select.all()),
    countVotes: (onCounting = () => undefined) => counting(database, onCounting),
    [Symbol.asyncDispose]: async () => {
      if (database.isOpen) database.close()
    },
  }
}

/** While another process makes the file, SQLite does not wait for it here, and says at once that it is locked. */
async function writeAhead(database: DatabaseSync): Promise<void> {
  for (const until = performance.now() + BUSY_TIMEOUT_MS; ; await wait(10))
    try {
      return database.exec('pragma journal_mode = wal; pragma synchronous = full')
    } catch (error) {
      if (!isLocked(error) || performance.now() > until) throw error
    }
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

function totalsOf(rows: readonly Readonly<Record<string, unknown>>[]): Totals {
  return {
    counts: Object.fromEntries(rows.map(({ option, count }) => [String(option), Number(count)])),
    lastUpdated: rows.length === 0 ? undefined : new Date(Math.max(...rows.map((row) => Number(row.counted_at)))),
  }
}

function counting(database: DatabaseSync, onCounting: (entryId: string) => void): CountVotes {
  const remember = database.prepare('insert into counted (request_id) values (?) on conflict do nothing')
  const add = database.prepare(
    `insert into votes (option, count, counted_at) values (?, 1, ?)
     on conflict do update set count = count + 1, counted_at = excluded.counted_at`,
  )
  const count = inSqlite<CountedVote, DatabaseSync>(database, (batch) => {
    for (const { message, entry } of batch) {
      if (remember.run(requestOf(message)).changes === 0) continue
      add.run(message.option, Date.now())
      onCounting(entry.id)
    }
  })
  return async (batch, from) => count(batch, from)
}
