import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Type } from '@sinclair/typebox'
import pg from 'pg'
import { inject } from 'vitest'
import { type Message, stream } from '../../../contracts/index.ts'
import {
  type AddAllOptions,
  createOutbox,
  outboxTables,
  outboxTablesInSqlite,
  prepareOutbox,
  type RelayOptions,
} from '../../../producers/index.ts'
import { createDatabase } from '../../support/postgres.ts'
import { uniqueName } from '../../support/stream.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'

export function votes(options: { readonly bus?: string } = {}) {
  return stream(
    uniqueName('votes'),
    { option: Type.String(), timestamp: Type.Integer() },
    { headers: 'full', ...options },
  )
}
export type Votes = ReturnType<typeof votes>
export type Vote = Message<Votes>

/** An application's database with an outbox in it. */
export type Place = AsyncDisposable & {
  /** Adds in a transaction of its own, which is committed unless `fate` says otherwise. */
  readonly add: (
    contract: Votes,
    messages: readonly Vote[],
    options?: AddAllOptions<Vote>,
    fate?: 'commit' | 'rollback',
  ) => Promise<void>
  /** What a relay is given; each time a connection of its own. */
  readonly source: () => Pick<RelayOptions, 'pool'> | Pick<RelayOptions, 'database'>
  readonly sql: (text: string) => Promise<{ readonly [column: string]: unknown }[]>
  readonly prepare: () => Promise<void>
  /** The statements that make the tables. */
  readonly tables: string
}

const { addAll } = createOutbox()

export async function openPostgres(): Promise<Place> {
  await using resources = new AsyncDisposableStack()
  const database = resources.use(await createDatabase(inject('postgresUrl')))
  return postgresAt(database.url, resources.move())
}

/** The pool ends before what it stands on. */
export async function postgresAt(url: string, resources: AsyncDisposableStack): Promise<Place> {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  pool.on('error', () => undefined)
  resources.defer(() => pool.end())
  await prepareOutbox(pool)
  return {
    add: async (contract, messages, options, fate = 'commit') => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        await addAll(client, contract, messages, options)
        await client.query(fate)
      } finally {
        client.release(true)
      }
    },
    source: () => ({ pool }),
    sql: async (text) => (await pool.query(text)).rows,
    prepare: () => prepareOutbox(pool),
    tables: outboxTables(),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export async function openSqlite(): Promise<Place> {
  const resources = new AsyncDisposableStack()
  const { path } = resources.use(await disposableFolder())
  const connect = () => {
    const database = new DatabaseSync(join(path, 'app.db'), { timeout: 1000 })
    database.exec('pragma journal_mode = wal')
    resources.defer(() => database.close())
    return database
  }
  const client = connect()
  await prepareOutbox(client)
  return {
    add: async (contract, messages, options, fate = 'commit') => {
      client.exec('begin')
      try {
        addAll(client, contract, messages, options)
      } catch (error) {
        client.exec('rollback')
        throw error
      }
      client.exec(fate)
    },
    source: () => ({ database: connect() }),
    sql: async (text) => client.prepare(text).all(),
    prepare: () => prepareOutbox(client),
    tables: outboxTablesInSqlite(),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}
