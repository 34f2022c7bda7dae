import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../../registry/store/sqlite.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { describeStore } from '../store-suite.ts'

describeStore('SQLite', async () => {
  const folder = await disposableFolder()
  return { ...folder, open: () => openSqliteStore(folder.path) }
})

test('flushes every commit to the disk, and makes its folder', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(join(folder.path, 'a', 'b'))
  await store.check()
  using database = new DatabaseSync(join(folder.path, 'a', 'b', 'concordat.db'))
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
})

test('waits for another process that holds the lock, without blocking', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path)
  using other = new DatabaseSync(join(folder.path, 'concordat.db'))
  other.exec('BEGIN IMMEDIATE')
  const waiting = store.write(({ schemas }) => schemas.subjects())
  setTimeout(() => other.exec('COMMIT'), 120)
  await expect(waiting).resolves.toEqual([])
})

test('gives up on a lock that is never released, and says so', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path, { busyDeadlineMs: 20 })
  using other = new DatabaseSync(join(folder.path, 'concordat.db'))
  other.exec('BEGIN IMMEDIATE')
  const refused = store.write(({ schemas }) => schemas.subjects())
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

test('refuses what a newer release wrote', async () => {
  await using folder = await disposableFolder()
  using newer = new DatabaseSync(join(folder.path, 'concordat.db'))
  newer.exec('PRAGMA user_version = 9999')
  await expect(openSqliteStore(folder.path)).rejects.toThrow('its form is 9999')
})
