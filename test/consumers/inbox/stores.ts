import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { inject } from 'vitest'
import {
  type Delivery,
  type HandleBatch,
  type InboxOptions,
  inboxTables,
  inboxTablesInSqlite,
  inPostgres,
  inSqlite,
  prepareInbox,
} from '../../../consumers/index.ts'
import { createDatabase } from '../../support/postgres.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import type { Vote } from '../tally.ts'

/** Looks at a batch before its votes are counted; throws when they shall not be. */
type Look = (batch: readonly Delivery<Vote>[]) => void

/** An application's database with an inbox and a table of its own: one row for each time that a vote took effect. */
export type Place = AsyncDisposable & {
  /** Inserts the votes of a batch. */
  readonly counting: (look?: Look, options?: InboxOptions) => HandleBatch<Vote>
  readonly sql: (text: string) => Promise<{ readonly [column: string]: unknown }[]>
  readonly prepare: () => Promise<void>
  readonly tables: string
  /** Only PostgreSQL has one. */
  readonly pool?: pg.Pool
}

const COUNTED = 'create table counted (timestamp bigint not null)'

export async function openPostgres(): Promise<Place> {
  await using resources = new AsyncDisposableStack()
  const database = resources.use(await createDatabase(inject('postgresUrl')))
  return postgresAt(database.url, resources.move())
}

export async function postgresAt(
  url: string,
  resources: AsyncDisposableStack,
  { isMade = false } = {},
): Promise<Place> {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  pool.on('error', () => undefined)
  resources.defer(() => pool.end())
  if (!isMade) {
    await prepareInbox(pool)
    await pool.query(COUNTED)
  }
  return {
    counting: (look = () => undefined, options = {}) =>
      inPostgres<Vote, pg.PoolClient>(
        pool,
        async (batch, tx) => {
          await tx.query('insert into counted select * from unnest($1::bigint[])', [timestamps(batch)])
          look(batch)
        },
        options,
      ),
    sql: async (text) => (await pool.query(text)).rows,
    prepare: () => prepareInbox(pool),
    tables: inboxTables(),
    pool,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export async function openSqlite(): Promise<Place> {
  const resources = new AsyncDisposableStack()
  const { path } = resources.use(await disposableFolder())
  const database = new DatabaseSync(join(path, 'app.db'))
  resources.defer(() => database.close())
  await prepareInbox(database)
  database.exec(COUNTED)
  return {
    counting: (look = () => undefined, options = {}) =>
      inSqlite<Vote, DatabaseSync>(
        database,
        (batch, tx) => {
          for (const timestamp of timestamps(batch)) tx.prepare('insert into counted values (?)').run(timestamp)
          look(batch)
        },
        options,
      ),
    sql: async (text) => database.prepare(text).all(),
    prepare: () => prepareInbox(database),
    tables: inboxTablesInSqlite(),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

function timestamps(batch: readonly Delivery<Vote>[]): number[] {
  return batch.map(({ message }) => message.timestamp)
}

/** What took effect, in the order of its numbers. */
export async function counted(place: Place): Promise<number[]> {
  const rows = await place.sql('select timestamp from counted order by timestamp')
  return rows.map(({ timestamp }) => Number(timestamp))
}
