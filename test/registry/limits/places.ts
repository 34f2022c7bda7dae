import { inject } from 'vitest'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import type { Store } from '../../../registry/store/store.ts'
import { createRegistryDatabase } from '../../support/registry-database.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import type { Temporary } from '../temporary.ts'

type Place = { readonly open: () => Promise<Store> }

/** A place for data in each form of a store, which several stores may have open. */
export const PLACES: readonly (readonly [form: string, make: () => Promise<Temporary<Place>>])[] = [
  ['SQLite', onSqlite],
  ['PostgreSQL', onPostgres],
]

async function onSqlite(): Promise<Temporary<Place>> {
  const folder = await disposableFolder()
  return { open: () => openSqliteStore(folder.path), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

async function onPostgres(): Promise<Temporary<Place>> {
  const { url, [Symbol.asyncDispose]: drop } = await createRegistryDatabase(inject('postgresUrl'))
  return { open: () => openPostgresStore({ url }), [Symbol.asyncDispose]: drop }
}
