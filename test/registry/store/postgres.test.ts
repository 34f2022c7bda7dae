import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { inspect, promisify } from 'node:util'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openPostgresStore, type PostgresOptions } from '../../../registry/store/postgres/open.ts'
import type { Store } from '../../../registry/store/store.ts'
import { freePort } from '../../support/free-port.ts'
import { createDatabase, type PostgresServer, startPostgres } from '../../support/postgres.ts'
import { createRegistryDatabase } from '../../support/registry-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import { describeStore } from '../store-suite.ts'
import type { Temporary } from '../temporary.ts'
import { append, appendAll, numbers, recordsOf, texts } from './contents.ts'
import { publish, terms } from './services.ts'

describeStore('PostgreSQL', async ({ isNew } = { isNew: false }) => {
  const database = await (isNew ? createDatabase : createRegistryDatabase)(inject('postgresUrl'))
  return { ...database, open: () => openPostgresStore({ url: database.url }) }
})

/** A store in a new database, and a session of somebody else there. */
async function openBeside(options: Omit<PostgresOptions, 'url'> = {}) {
  await using resources = new AsyncDisposableStack()
  const { url } = resources.use(await createRegistryDatabase(inject('postgresUrl')))
  const store = resources.use(await openPostgresStore({ url, ...options }))
  const other = new Client(url)
  resources.defer(() => other.end())
  await other.connect()
  const kept = resources.move()
  return { url, store, other, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('refuses a database that is not there, and tells no password', async () => {
  const url = new URL('/nowhere', inject('postgresUrl'))
  url.password = 'hush-hush'
  const error: unknown = await openPostgresStore({ url: url.href }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'store.refused' })
  expect(String(error)).toContain(
    `"nowhere on 127.0.0.1:${url.port}" cannot be used (database "nowhere" does not exist)`,
  )
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hush-hush')
})

test('refuses what is no connection string, and tells nothing of it', async () => {
  const error: unknown = await openPostgresStore({ url: 'postgres://u:hush-hush@[' }).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'store.refused' })
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hush-hush')
})

test('refuses a user who may not make its tables, and is content with one who may use them', async () => {
  await using at = await openBeside()
  const user = `clerk_${new URL(at.url).pathname.slice(1)}`
  await at.other.query(`CREATE ROLE ${user} LOGIN; CREATE SCHEMA empty; GRANT USAGE ON SCHEMA empty TO ${user}`)
  const url = new URL(at.url)
  url.username = user
  url.search = '?options=-csearch_path%3Dempty'
  await expect(openPostgresStore({ url: url.href })).rejects.toMatchObject({ code: 'store.refused' })
  await at.other.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${user}`)
  url.search = ''
  await using store = await openPostgresStore({ url: url.href })
  await expect(store.write((tx) => append(tx, 'votes', '{}'))).resolves.toEqual({ id: 1, version: 1 })
  await store.close()
  await at.other.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`)
})

test('goes on with a newer form that allows it, and refuses one that does not', async () => {
  await using at = await openBeside()
  await at.other.query('INSERT INTO concordat_forms VALUES (8, 1)')
  await using store = await openPostgresStore({ url: at.url })
  await expect(store.check()).resolves.toBeUndefined()
  await at.other.query('INSERT INTO concordat_forms VALUES (9, 9)')
  await expect(openPostgresStore({ url: at.url })).rejects.toThrow('its form is 9, this release knows 3')
})

test('keeps the schemas of contracts from a release that knows no contracts', async () => {
  await using at = await openBeside()
  await publish(at.store, { service: 'tally', version: '1' }, [terms('stream:votes', 'reads', {}, '{}')])
  await at.store.write((tx) => append(tx, 'other', 'true'))
  await at.other.query('DELETE FROM versions; DELETE FROM schemas')
  expect(await at.store.schemas.list({ limit: 9 })).toMatchObject([{ id: 1, text: '{}' }])
})

test('says which driver is missing', async () => {
  const hooks = `import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (name !== 'pg') return next(name, context)
      throw Object.assign(new Error('no pg'), { code: 'ERR_MODULE_NOT_FOUND' })
    } })`
  const script = `import { openPostgresStore } from './registry/store/postgres/open.ts'
    openPostgresStore({ url: 'postgres://localhost' }).catch(({ code, message }) => console.log(code, message))`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '../../..') })
  expect(stdout).toContain('driver.missing DATABASE_URL is set, and the package "pg" is not installed')
})

test('gives up on a server that is not there', async () => {
  const url = `postgres://postgres@127.0.0.1:${await freePort()}/postgres`
  const opening = openPostgresStore({ url, acquireTimeoutMs: 150 })
  await expect(opening).rejects.toMatchObject({
    code: 'store.unavailable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})

test('waits for another process that writes', async () => {
  await using at = await openBeside()
  await at.other.query('BEGIN; SELECT 1 FROM contexts FOR UPDATE')
  const waiting = at.store.write((tx) => append(tx, 'votes', '{}'))
  await waitFor('the write to wait', () => isSomebodyWaiting(at.other))
  await at.other.query('COMMIT')
  await expect(waiting).resolves.toEqual({ id: 1, version: 1 })
})

test('gives up on a lock that is never released, and writes nothing', async () => {
  await using at = await openBeside({ timeoutMs: 100 })
  await at.other.query('BEGIN; SELECT 1 FROM contexts FOR UPDATE')
  const refused = at.store.write((tx) => append(tx, 'votes', '{}'))
  await expect(refused).rejects.toMatchObject({ code: 'store.busy' })
  await at.other.query('COMMIT')
  expect(await at.store.schemas.maxId()).toBe(0)
})

test('tries again after a deadlock', async () => {
  await using at = await openBeside()
  await at.other.query("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE versions IN ACCESS EXCLUSIVE MODE")
  const writing = at.store.write((tx) => append(tx, 'votes', '{}'))
  await waitFor('the write to wait', () => isSomebodyWaiting(at.other))
  await at.other.query('SELECT 1 FROM contexts FOR UPDATE; COMMIT')
  await expect(writing).resolves.toEqual({ id: 1, version: 1 })
})

test('gives up on an answer that does not come, and then gives nobody the wrong one', async () => {
  await using at = await openBeside({ timeoutMs: 100, poolSize: 1 })
  await appendAll(at.store, 'votes', ['{}'])
  await at.other.query('BEGIN; LOCK TABLE schemas IN ACCESS EXCLUSIVE MODE')
  await expect(at.store.schemas.byId(1)).rejects.toMatchObject({ code: 'store.unavailable' })
  await at.other.query('COMMIT')
  await expect(at.store.schemas.removals()).resolves.toBe(0)
  await expect(at.store.schemas.byId(1)).resolves.toMatchObject({ text: '{}' })
})

test('refuses all of a transaction whose work went on after a statement had failed', async () => {
  await using at = await openBeside()
  const version = { subject: 'votes', version: 1, id: 99, deleted: false }
  const broken = at.store.write(async (tx) => {
    await append(tx, 'votes', '{}')
    await tx.restore({ kind: 'version', version }).catch(() => {})
    return 'all is well'
  })
  await expect(broken).rejects.toThrow('current transaction is aborted')
  expect(await at.store.schemas.maxId()).toBe(0)
})

test('does not let a work go on with its transaction after its end', async () => {
  await using at = await openBeside()
  const { schemas } = await at.store.write(async (tx) => tx)
  await expect(schemas.maxId()).rejects.toThrow('The transaction is over')
})

test('lives through the loss of its idle connections', async () => {
  await using at = await openBeside()
  await Promise.all(numbers(5).map(() => at.store.check()))
  await at.other.query(`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE application_name = 'concordat' AND datname = current_database()`)
  const isThere = () =>
    at.store.check().then(
      () => true,
      () => false,
    )
  await expect(waitFor('an answer', isThere)).resolves.toBe(true)
})

describe('on a server of its own', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  test('acknowledges nothing before it is on disk, on a server that would', async () => {
    await using database = await createDatabase(server.url)
    await using store = await openPostgresStore({ url: database.url })
    await using observer = await observe(database.url)
    const unflushed: number[] = []
    for (const text of texts(20)) {
      await store.write((tx) => append(tx, 'votes', text))
      unflushed.push(await observer.unflushed())
    }
    expect(unflushed).toEqual(unflushed.map(() => 0))
    // So that a zero means something: without our care this server answers before it has flushed.
    const careless: number[] = []
    for (const n of numbers(20)) {
      await observer.client.query(`UPDATE contexts SET removals = ${n}`)
      careless.push(await observer.unflushed())
    }
    expect(Math.max(...careless)).toBeGreaterThan(0)
  })

  test('answers at once that a stopped server does not answer, keeps what it acknowledged, and comes back', async () => {
    await using database = await createDatabase(server.url)
    await using store = await openPostgresStore({ url: database.url })
    await appendAll(store, 'votes', texts(3))
    const before = await recordsOf(store)
    await server.stop()
    const away = { code: 'store.unavailable' }
    await expect(store.write((tx) => append(tx, 'votes', '{}'))).rejects.toMatchObject(away)
    for (const _ of numbers(5)) await expect(store.schemas.byId(1)).rejects.toMatchObject(away)
    await expect(store.check()).rejects.toMatchObject(away)
    const late = openPostgresStore({ url: database.url })
    await server.start()
    await using again = await late
    // The breaker still refuses; asking whether the database answers closes it.
    await expect(store.schemas.byId(1)).rejects.toMatchObject(away)
    await expect(store.write((tx) => tx.schemas.maxId())).rejects.toMatchObject(away)
    await store.check()
    expect(await recordsOf(store)).toEqual(before)
    expect(await store.write((tx) => append(tx, 'votes', '{}'))).toEqual({ id: 4, version: 4 })
    expect(await again.schemas.maxId()).toBe(4)
  })

  test('tells those who were writing when the server crashed, and has all that it acknowledged', async () => {
    await using database = await createDatabase(server.url)
    await using store = await openPostgresStore({ url: database.url })
    const acknowledged = writeUntilRefused(store)
    await waitFor('some writes', async () => (await store.schemas.maxId()) > 20)
    await server.stop('KILL')
    const versions = await acknowledged
    await server.start()
    await store.check()
    const kept = (await store.subjects.versions('votes', 'any')).map(({ version }) => version)
    expect(kept).toEqual(numbers(kept.length))
    expect(kept.slice(0, versions.length)).toEqual(versions)
  })
})

/** The versions that were acknowledged. */
async function writeUntilRefused(store: Store): Promise<number[]> {
  const versions: number[] = []
  for (;;) {
    const text = JSON.stringify({ title: versions.length })
    const version = await store
      .write((tx) => append(tx, 'votes', text))
      .then(
        (appended) => appended.version,
        () => undefined,
      )
    if (version === undefined) return versions
    versions.push(version)
  }
}

async function isSomebodyWaiting(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
  )
  return rows.length > 0
}

/** Watches how many bytes of the server's log are not on disk yet. */
async function observe(url: string): Promise<Temporary<{ readonly client: Client; unflushed(): Promise<number> }>> {
  const client = new Client(url)
  await client.connect()
  // At the beginning of a page the next record will stand behind the page's header, which is nobody's record.
  const text = `SELECT (CASE WHEN bytes IN (24, 40) AND position % 8192 = bytes THEN 0 ELSE bytes END)::int AS bytes
    FROM (SELECT i - pg_current_wal_flush_lsn() AS bytes, i - '0/0'::pg_lsn AS position
      FROM pg_current_wal_insert_lsn() AS i) AS wal`
  const unflushed = async () => (await client.query<{ bytes: number }>(text)).rows[0]?.bytes ?? Number.NaN
  return { client, unflushed, [Symbol.asyncDispose]: () => client.end() }
}
