import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import {
  DatabaseAway,
  type Delivery,
  HandlerLate,
  inPostgres,
  prepareInbox,
  TransactionOver,
} from '../../../consumers/index.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { createDatabase } from '../../support/postgres.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Vote } from '../tally.ts'

const HERE = { stream: 'votes', group: 'tally', isRepeat: false }
const batchOf = (...numbers: number[]): Delivery<Vote>[] =>
  numbers.map((timestamp) => ({ message: { option: 'dogs', timestamp }, entry: { id: `7-${timestamp}`, fields: [] } }))

/** A pool through a proxy, and one straight to the database. */
async function application(options: pg.PoolConfig = {}) {
  const resources = new AsyncDisposableStack()
  onTestFinished(() => resources.disposeAsync())
  const database = resources.use(await createDatabase(inject('postgresUrl')))
  const url = new URL(database.url)
  const proxy = resources.use(await startFaultProxy(Number(url.port)))
  const poolAt = (port: number | string) => {
    const pool = new pg.Pool({ ...options, connectionString: Object.assign(new URL(url), { port: String(port) }).href })
    pool.on('error', () => undefined)
    resources.defer(() => pool.end())
    return pool
  }
  const direct = poolAt(url.port)
  await prepareInbox(direct)
  await direct.query('create table counted (timestamp bigint not null)')
  const counted = async () =>
    (await direct.query('select timestamp from counted order by 1')).rows.map(({ timestamp }) => Number(timestamp))
  return { pool: poolAt(proxy.port), proxy, direct, counted }
}

async function count(batch: readonly Delivery<Vote>[], tx: pg.PoolClient): Promise<void> {
  await tx.query('insert into counted select * from unnest($1::bigint[])', [
    batch.map(({ message }) => message.timestamp),
  ])
}

test('a commit whose answer is lost is not done again', async () => {
  const { pool, proxy, counted } = await application()
  const handleBatch = inPostgres<Vote, pg.PoolClient>(pool, count)
  await handleBatch(batchOf(0), HERE)
  proxy.swallowNext('; commit')
  await expect(handleBatch(batchOf(1, 2), HERE)).rejects.toThrow(DatabaseAway)
  await waitFor('the commit', async () => (await counted()).length === 3)
  await handleBatch(batchOf(1, 2, 3), HERE)
  expect(await counted()).toEqual([0, 1, 2, 3])
})

test('a connection that ends in the middle blames no message', async () => {
  const { pool, direct, counted } = await application()
  const KILL = 'select pg_terminate_backend($1)'
  const dying = inPostgres<Vote, pg.PoolClient>(pool, async (batch, tx) => {
    await count(batch, tx)
    const { rows } = await tx.query('select pg_backend_pid() as pid')
    await direct.query(KILL, [rows[0].pid])
    await tx.query('select 1')
  })
  await expect(dying(batchOf(1), HERE)).rejects.toThrow(DatabaseAway)
  // and neither does one that ends while nobody looks
  const silent = inPostgres<Vote, pg.PoolClient>(pool, async (batch, tx) => {
    const { rows } = await tx.query('select pg_backend_pid() as pid')
    await direct.query(KILL, [rows[0].pid])
    await sleep(50)
    throw new Error(`no votes today, nor ${batch.length}`)
  })
  await expect(silent(batchOf(1), HERE)).rejects.toThrow(DatabaseAway)
  expect(await counted()).toEqual([])
  await inPostgres<Vote, pg.PoolClient>(pool, count)(batchOf(1), HERE)
  expect(await counted()).toEqual([1])
})

test('a database that is away blames no message', async () => {
  const { pool, proxy } = await application()
  proxy.refuse()
  await expect(inPostgres(pool, count as never)(batchOf(1), HERE)).rejects.toThrow(DatabaseAway)
})

test('a handler that is late has done nothing, and can do nothing any more', async () => {
  const { pool, counted, direct } = await application()
  const late = Promise.withResolvers<unknown>()
  const handleBatch = inPostgres<Vote, pg.PoolClient>(
    pool,
    async (batch, tx) => {
      await count(batch, tx)
      await sleep(150)
      await count(batch, tx).then(late.resolve, late.resolve)
    },
    { timeoutMs: 50 },
  )
  await expect(handleBatch(batchOf(1), HERE)).rejects.toThrow(HandlerLate)
  expect(await late.promise).toBeInstanceOf(TransactionOver)
  const busy = "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in%'"
  await waitFor('its connection to be gone', async () => (await direct.query(busy)).rowCount === 0)
  expect(await counted()).toEqual([])
})

test('a statement that runs too long is ended by the server, and blamed on its handler', async () => {
  const { pool } = await application()
  const handleBatch = inPostgres<Vote, pg.PoolClient>(
    pool,
    async (_, tx) => void (await tx.query('select pg_sleep(10)').catch(() => undefined)),
    { timeoutMs: 100 },
  )
  const started = performance.now()
  const error = await handleBatch(batchOf(1), HERE)?.catch((caught: unknown) => caught)
  expect(error).not.toBeInstanceOf(DatabaseAway)
  expect(error).toBeInstanceOf(Error)
  expect(performance.now() - started).toBeLessThan(3000)
})

test('an error that the handler keeps to itself is not committed as if nothing were', async () => {
  const { pool, counted } = await application()
  const handleBatch = inPostgres<Vote, pg.PoolClient>(pool, async (batch, tx) => {
    await count(batch, tx)
    await tx.query('select 1 / 0').catch(() => undefined)
  })
  await expect(handleBatch(batchOf(1), HERE)).rejects.toThrow('current transaction is aborted')
  expect(await counted()).toEqual([])
})

test.each(['commit', ' ROLLBACK', 'begin', 'end;', 'abort', 'start transaction'])(
  'a handler cannot say %j, which would end the transaction or begin another',
  async (text) => {
    const { pool, counted } = await application()
    const handleBatch = inPostgres<Vote, pg.PoolClient>(pool, async (batch, tx) => {
      await tx.query('savepoint a; rollback to savepoint a')
      await count(batch, tx)
      await tx.query({ text })
    })
    await expect(handleBatch(batchOf(1), HERE)).rejects.toThrow(TransactionOver)
    expect(await counted()).toEqual([])
  },
)

test('of two that handle the same at once, one does it again without what the other did', async () => {
  const { pool, counted } = await application()
  const [began, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const seen: number[][] = []
  const slow = inPostgres<Vote, pg.PoolClient>(pool, async (batch, tx) => {
    seen.push(batch.map(({ message }) => message.timestamp))
    began.resolve()
    await gate.promise
    await count(batch, tx)
  })
  const one = slow(batchOf(1, 2, 3), HERE)
  await began.promise
  await inPostgres<Vote, pg.PoolClient>(pool, count)(batchOf(0, 3, 4), HERE)
  gate.resolve()
  await one
  expect(await counted()).toEqual([0, 1, 2, 3, 4])
  expect(seen).toEqual([
    [1, 2, 3],
    [1, 2],
  ])
})

test('two that come to a new group at the same time, under any isolation', async () => {
  const { pool, counted, direct } = await application()
  const name = (await direct.query('select current_database() as name')).rows[0].name
  await direct.query(`alter database ${name} set default_transaction_isolation = 'serializable'`)
  const handleBatch = inPostgres<Vote, pg.PoolClient>(pool, count)
  const failures: unknown[] = []
  const untilDone = async (batch: Delivery<Vote>[]): Promise<void> => {
    try {
      await handleBatch(batch, HERE)
    } catch (error) {
      failures.push(error)
      return untilDone(batch)
    }
  }
  await Promise.all([[1, 2], [2, 3], [1, 3], [4]].map((numbers) => untilDone(batchOf(...numbers))))
  expect(await counted()).toEqual([1, 2, 3, 4])
  expect(failures.filter((error) => !(error instanceof DatabaseAway))).toEqual([])
})

test('a commit is on disk when it is acknowledged, whatever the settings are', async () => {
  const { pool } = await application({ options: '-c synchronous_commit=off' })
  const seen: string[] = []
  const handleBatch = inPostgres<Vote, pg.PoolClient>(pool, async (_, tx) => {
    seen.push((await tx.query('show synchronous_commit')).rows[0].synchronous_commit)
  })
  await handleBatch(batchOf(1), HERE)
  expect(seen).toEqual(['on'])
})
