import { Type } from '@sinclair/typebox'
import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { stream } from '../../../contracts/index.ts'
import { createOutbox, prepareOutbox, relay } from '../../../producers/index.ts'
import { fieldsOf } from '../../../streams/index.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { findPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts'
import { createDatabase } from '../../support/postgres.ts'
import { entriesOf, redisAt, sharedRedis, uniqueName } from '../../support/stream.ts'
import { waitFor } from '../../support/wait-for.ts'
import { emptied, numbered, publishedIn, relaying } from './relaying.ts'
import { openPostgres, postgresAt, votes } from './stores.ts'

test('what is committed late is published late, and nothing is passed over', async () => {
  await using resources = new AsyncDisposableStack()
  const database = resources.use(await createDatabase(inject('postgresUrl')))
  const late = new pg.Client(database.url)
  await late.connect()
  resources.defer(() => late.end())
  await using place = await postgresAt(database.url, new AsyncDisposableStack())
  const [redis, contract] = [sharedRedis(), votes()]
  await using relayed = relaying(place)
  await late.query('begin')
  await createOutbox().add(late, contract, { option: 'late', timestamp: 1 })
  await place.add(contract, numbered(2, 10))
  await waitFor('the others', async () => (await publishedIn(redis, contract)).length === 2)
  await late.query('commit')
  await emptied(place)
  expect(await publishedIn(redis, contract)).toEqual([10, 11, 1])
  expect(relayed.errors).toEqual([])
})

test('replies that are lost, from Redis and from PostgreSQL, double nothing and lose nothing', async () => {
  await using resources = new AsyncDisposableStack()
  const database = resources.use(await createDatabase(inject('postgresUrl')))
  const url = new URL(database.url)
  const proxy = resources.use(await startFaultProxy(Number(url.port)))
  const redisProxy = resources.use(await startFaultProxy(Number(new URL(inject('redisUrl')).port)))
  await using place = await postgresAt(database.url, new AsyncDisposableStack())
  const pool = new pg.Pool({ connectionString: Object.assign(new URL(url), { port: String(proxy.port) }).href })
  pool.on('error', () => undefined)
  resources.defer(() => pool.end())
  const [redis, broken, contract] = [sharedRedis(), redisAt(redisProxy.url), votes()]
  broken.on('error', () => undefined)
  const errors: Error[] = []
  await using _one = relay({ pool, redis: broken, batchSize: 3, onError: (error) => void errors.push(error) })
  const faults = [
    () => redisProxy.swallowNext(contract.stream),
    () => redisProxy.dropNext(contract.stream),
    () => proxy.swallowNext('array_agg'),
    () => proxy.dropNext('array_agg'),
  ]
  for (let round = 0; round < 12; round++) {
    faults[round % faults.length]?.()
    await place.add(contract, numbered(10, round * 10))
    await emptied(place, 10_000)
    expect([proxy.armed(), redisProxy.armed()]).toEqual([0, 0])
  }
  expect(errors.length).toBeGreaterThan(3)
  expect(await publishedIn(redis, contract)).toEqual(numbered(120).map(({ timestamp }) => timestamp))
})

test('connections that the server ends are made again', async () => {
  await using place = await openPostgres()
  const [redis, contract] = [sharedRedis(), votes()]
  await using relayed = relaying(place, { batchSize: 1 })
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state = 'active'`
  for (let round = 0; round < 20; round++) {
    await place.add(contract, numbered(10, round * 10))
    await place.sql(kill).catch(() => undefined)
  }
  await emptied(place, 10_000)
  expect(await publishedIn(redis, contract)).toEqual(numbered(200).map(({ timestamp }) => timestamp))
  expect(relayed.published.reduce((sum, { messages }) => sum + messages, 0)).toBeGreaterThan(150)
})

test('a table of another name, in a schema of its own, for a contract without headers', async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query('create schema app')
  await prepareOutbox(client, { table: 'app.order' })
  const contract = stream(uniqueName('plain'), { n: Type.Integer() }, { encoding: 'json' })
  const outbox = createOutbox({ table: 'app.order' })
  await outbox.addAll(client, contract, [{ n: 1 }, { n: 2 }])
  await expect(outbox.add(client, contract, { n: 1 }, { key: 'k' })).rejects.toThrow('carries no headers')
  const redis = sharedRedis()
  const pool = new pg.Pool({ connectionString: database.url })
  await using running = relay({ pool, redis, table: 'app.order' })
  await waitFor('both', async () => (await redis.xlen(contract.stream)) === 2)
  const entries = await entriesOf(redis, contract.stream)
  expect(entries.map(([, fields]) => fieldsOf(fields))).toEqual([{ data: '{"n":1}' }, { data: '{"n":2}' }])
  await running.close()
  await Promise.all([pool.end(), client.end()])
})

const found = await findPgBouncer()

describe(`behind PgBouncer${'missing' in found ? `, which is not to be had: ${found.missing}` : ''}`, () => {
  test('two relays share the lanes', async () => {
    await using resources = new AsyncDisposableStack()
    const database = resources.use(await createDatabase(inject('postgresUrl')))
    const url = await throughPgBouncer(resources, database.url)
    await using place = await postgresAt(url, new AsyncDisposableStack())
    const [redis, contract] = [sharedRedis(), votes()]
    await using one = relaying(place, { batchSize: 5 })
    await using other = relaying(place, { batchSize: 5 })
    const adding = Array.from({ length: 20 }, (_, i) =>
      place.add(contract, numbered(20, i * 20), { key: ({ timestamp }) => String(timestamp % 9) }),
    )
    await Promise.all(adding)
    await emptied(place, 10_000)
    const all = await publishedIn(redis, contract)
    expect(all.toSorted((a, b) => a - b)).toEqual(numbered(400).map(({ timestamp }) => timestamp))
    expect([one.errors, other.errors]).toEqual([[], []])
  })
})

/** In transaction mode; where there is no PgBouncer to be had, straight to the database. */
async function throughPgBouncer(resources: AsyncDisposableStack, url: string): Promise<string> {
  if (!('program' in found)) return url
  const bouncer = resources.use(await startPgBouncer(found.program, inject('postgresUrl')))
  resources.defer(() => bouncer.leave(url))
  return bouncer.urlOf(url)
}
