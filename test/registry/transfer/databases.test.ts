import { expect, inject, test } from 'vitest'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { importRecords } from '../../../registry/transfer/import.ts'
import { createDatabase } from '../../support/postgres.ts'
import { fillAll } from '../store/services.ts'
import { EVERYTHING, exportText, linesOf, newStore } from './stores.ts'

test('moves from SQLite to PostgreSQL and back, and every export is the same', async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  await using postgres = await openPostgresStore({ url: database.url })
  await using sqlite = await newStore(EVERYTHING)
  await fillAll(sqlite)
  await using back = await newStore()
  const text = await exportText(sqlite)
  await importRecords(postgres, linesOf(text))
  expect(text).toMatch(/"kind":"contract".*\n(.*\n)*.*"kind":"override"/)
  expect(await exportText(postgres)).toBe(text)
  await importRecords(back, linesOf(await exportText(postgres)))
  expect(await exportText(back)).toBe(text)
})
