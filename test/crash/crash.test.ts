import { expect, test } from 'vitest'
import { startPostgres } from '../support/postgres.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { killWhileWriting } from './kill-while-writing.ts'
import { onPostgres, onSqlite } from './plans.ts'

// `npm run crash` does the same a hundred times.
test('a registry on SQLite that is killed while it writes loses nothing that it acknowledged', async () => {
  await using folder = await disposableFolder()
  const { acknowledged, wrong } = await killWhileWriting(onSqlite(4, folder.path))
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(4)
})

test('a registry on PostgreSQL that is killed while it writes, at times with PostgreSQL, loses nothing that it acknowledged', async () => {
  await using server = await startPostgres()
  const { acknowledged, wrong } = await killWhileWriting(onPostgres(4, server))
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(4)
})
