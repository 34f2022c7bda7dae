import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { readsOver } from '../../../registry/store/reads.ts'
import { openConnection, openReader } from '../../../registry/store/sqlite/connection.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { describeStore } from '../store-suite.ts'
import { append, recordsOf, texts } from './contents.ts'
import { publish, terms } from './services.ts'

describeStore('SQLite', async () => {
  const folder = await disposableFolder()
  return { ...folder, open: () => openSqliteStore(folder.path) }
})

test('makes its folder', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(join(folder.path, 'a', 'b'))
  await expect(store.check()).resolves.toBeUndefined()
  expect(existsSync(join(folder.path, 'a', 'b', 'concordat.db'))).toBe(true)
})

test('acknowledges each write after the commit that holds it', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path)
  using observer = new DatabaseSync(join(folder.path, 'concordat.db'), { readOnly: true })
  const count = observer.prepare('SELECT count(*) AS versions FROM versions WHERE version = ?')
  const seen = await Promise.all(
    texts(100).map(async (text) => {
      const { version } = await store.write((tx) => append(tx, 'votes', text))
      return count.get(version)
    }),
  )
  expect(seen).toEqual(seen.map(() => ({ versions: 1 })))
})

test('flushes its log in every commit', async () => {
  await using folder = await disposableFolder()
  using writer = openConnection(join(folder.path, 'concordat.db'), 50)
  expect(writer.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  // FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect(writer.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
})

test('waits for another process that holds the lock, without blocking', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path)
  using other = new DatabaseSync(join(folder.path, 'concordat.db'))
  other.exec('BEGIN IMMEDIATE')
  const waiting = store.write(({ schemas }) => schemas.maxId())
  setTimeout(() => other.exec('COMMIT'), 120)
  await expect(waiting).resolves.toBe(0)
})

test('gives up on a lock that is never released, and says so', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path, { busyDeadlineMs: 20 })
  using other = new DatabaseSync(join(folder.path, 'concordat.db'))
  other.exec('BEGIN IMMEDIATE')
  const refused = store.write(({ schemas }) => schemas.maxId())
  await expect(refused).rejects.toMatchObject({ code: 'store.busy' })
})

test('refuses a file that is no database', async () => {
  await using folder = await disposableFolder()
  await writeFile(join(folder.path, 'concordat.db'), randomBytes(9000))
  await expect(openSqliteStore(folder.path)).rejects.toMatchObject({ code: 'store.damaged' })
})

test('refuses a folder in the place of its file', async () => {
  await using folder = await disposableFolder()
  await mkdir(join(folder.path, 'concordat.db'))
  await expect(openSqliteStore(folder.path)).rejects.toMatchObject({ code: 'store.not-writable' })
})

test('refuses a file in the place of its folder, or above it', async () => {
  await using folder = await disposableFolder()
  const file = join(folder.path, 'file')
  await writeFile(file, '')
  await expect(openSqliteStore(file)).rejects.toMatchObject({ code: 'store.not-a-folder' })
  await expect(openSqliteStore(join(file, 'below'))).rejects.toMatchObject({ code: 'store.not-a-folder' })
})

test('brings a file of form 1 to its own form', async () => {
  await using folder = await disposableFolder()
  using older = new DatabaseSync(join(folder.path, 'concordat.db'))
  older.exec(FORM_1)
  await using store = await openSqliteStore(folder.path)
  expect(await recordsOf(store)).toMatchObject([
    { kind: 'schema', schema: { id: 1, text: '{}', references: [], metadata: { tags: {} } } },
    { kind: 'schema', schema: { id: 2, text: 'true' } },
    { kind: 'version', version: { subject: 'tallies', version: 1, id: 2, deleted: false } },
    { kind: 'version', version: { subject: 'votes', version: 1, id: 1, deleted: false } },
    { kind: 'version', version: { subject: 'votes', version: 2, id: 2, deleted: true } },
    { kind: 'subject', subject: { name: 'tallies', lastVersion: 1 } },
    { kind: 'subject', subject: { name: 'votes', lastVersion: 2 } },
    { kind: 'counters', maxId: 2 },
  ])
  expect(await store.subjects.referrers({ subject: 'votes', version: 1 }, 'live')).toEqual([
    { id: 2, subject: 'tallies' },
  ])
  expect(await store.write((tx) => append(tx, 'votes', 'false'))).toEqual({ id: 3, version: 3 })
})

test('goes on with a newer form that allows it, and refuses one that does not', async () => {
  await using folder = await disposableFolder()
  await using before = await openSqliteStore(folder.path)
  await before.close()
  using newer = new DatabaseSync(join(folder.path, 'concordat.db'))
  newer.exec('PRAGMA user_version = 9; UPDATE forms SET needs = 2')
  await using store = await openSqliteStore(folder.path)
  await expect(store.check()).resolves.toBeUndefined()
  newer.exec('UPDATE forms SET needs = 5')
  await expect(openSqliteStore(folder.path)).rejects.toThrow('its form is 9, this release knows 4')
})

test('keeps the schemas of contracts from a release that knows no contracts', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path)
  await publish(store, { service: 'tally', version: '1' }, [terms('stream:votes', 'reads', {}, '{}')])
  await store.write((tx) => append(tx, 'other', 'true'))
  using older = new DatabaseSync(join(folder.path, 'concordat.db'))
  older.exec('DELETE FROM versions; DELETE FROM schemas')
  expect(await store.schemas.list({ limit: 9 })).toMatchObject([{ id: 1, text: '{}' }])
})

test('finds neighbours from the places of the candidate, and never begins with all that has ever run', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path)
  await store.check()
  using database = openReader(join(folder.path, 'concordat.db'))
  const plans: string[][] = []
  const { channels } = readsOver(async (text, ...values) => {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values)
    plans.push(rows.map(({ detail }) => String(detail)).filter((detail) => /^S(EARCH|CAN)/.test(detail)))
    return []
  })
  const places = ['stream:a', 'stream:b']
  await channels.running('production', 'reads', places)
  await channels.retired('production', places, 5)
  await channels.heads('reads', places)
  await channels.silent('production', 'reads', places)
  const [meeting, contract] = ['m USING PRIMARY KEY', 'c USING INDEX contracts_by_place']
  const orders = plans.map((plan) => plan.map((step) => step.replace(/^SEARCH | \(.*$/g, '')))
  expect(orders).toEqual([
    [meeting, 'd USING INDEX deployments_current', contract, meeting, 'd USING INDEX reservations_open', contract],
    [meeting, 'd USING INDEX deployments_ended', contract, meeting, 'd USING INDEX reservations_closed', contract],
    [
      meeting,
      's USING PRIMARY KEY',
      'd USING PRIMARY KEY',
      'b USING COVERING INDEX version_branches_by_position',
      'p USING PRIMARY KEY',
      contract,
    ],
    [
      meeting,
      'd USING INDEX deployments_current',
      'v USING PRIMARY KEY',
      meeting,
      'd USING INDEX reservations_open',
      'v USING PRIMARY KEY',
    ],
  ])
})

test('refuses what a newer release wrote', async () => {
  await using folder = await disposableFolder()
  using newer = new DatabaseSync(join(folder.path, 'concordat.db'))
  newer.exec('PRAGMA user_version = 9999')
  await expect(openSqliteStore(folder.path)).rejects.toThrow('its form is 9999')
})

/** The first form as release 0.1 made it, with some rows. */
const FORM_1 = `
  CREATE TABLE contexts (name TEXT PRIMARY KEY, next_schema_id INTEGER NOT NULL DEFAULT 1) STRICT;
  INSERT INTO contexts VALUES ('.', 3);
  CREATE TABLE schemas (
    context TEXT NOT NULL REFERENCES contexts (name),
    id INTEGER NOT NULL,
    identity TEXT NOT NULL,
    guid TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    type TEXT NOT NULL,
    text TEXT NOT NULL,
    refs TEXT NOT NULL,
    metadata TEXT,
    rule_set TEXT,
    PRIMARY KEY (context, id),
    UNIQUE (context, identity)
  ) STRICT;
  CREATE INDEX schemas_by_guid ON schemas (guid);
  CREATE INDEX schemas_by_fingerprint ON schemas (fingerprint);
  INSERT INTO schemas VALUES ('.', 1, 'one', 'guid 1', 'f', 'JSON', '{}', '[]', '{"tags":{}}', NULL);
  INSERT INTO schemas VALUES ('.', 2, 'two', 'guid 2', 'f', 'JSON', 'true',
    '[{"name":"a","subject":"votes","version":1},{"name":"b","subject":"votes","version":1}]', NULL, NULL);
  CREATE TABLE versions (
    context TEXT NOT NULL,
    subject TEXT NOT NULL,
    version INTEGER NOT NULL,
    schema_id INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    PRIMARY KEY (context, subject, version),
    FOREIGN KEY (context, schema_id) REFERENCES schemas (context, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_schema ON versions (context, schema_id);
  INSERT INTO versions VALUES ('.', 'votes', 1, 1, 0), ('.', 'votes', 2, 2, 1), ('.', 'tallies', 1, 2, 0);
  PRAGMA user_version = 1;
`
