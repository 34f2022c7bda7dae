import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import type { AccessOptions } from '../../../registry/access/identify.ts'
import { createCredential, type TokenRequest } from '../../../registry/access/tokens.ts'
import { buildServer, listen } from '../../../registry/server.ts'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import type { Store } from '../../../registry/store/store.ts'
import { createRegistryDatabase } from '../../support/registry-database.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import type { Temporary } from '../temporary.ts'

export const ADMIN_TOKEN = 'an administrator from the settings'
export const ANYWHERE = { host: '127.0.0.1', port: 0 }

/** A registry that wants tokens, and a store of its own over the same data for whatever the test has to prepare. */
export type Guarded = { readonly app: FastifyInstance; readonly store: Store }
export type Data = Temporary<{ open(): Promise<Store> }>

export const DATA: readonly (readonly [form: string, make: () => Promise<Data>])[] = [
  ['SQLite', inSqlite],
  ['PostgreSQL', inPostgres],
]

async function inSqlite(): Promise<Data> {
  const folder = await disposableFolder()
  return { open: () => openSqliteStore(folder.path), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

async function inPostgres(): Promise<Data> {
  const database = await createRegistryDatabase(inject('postgresUrl'))
  return {
    open: () => openPostgresStore({ url: database.url }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}

/** A registry that wants tokens, over new data unless some is given. */
export async function guarded(access: Partial<AccessOptions> = {}, data?: Data): Promise<Temporary<Guarded>> {
  const resources = new AsyncDisposableStack()
  const store = resources.use(await (data ?? resources.use(await inSqlite())).open())
  const app = buildServer({ store, access: { mode: 'tokens', adminToken: ADMIN_TOKEN, ...access } })
  resources.defer(() => app.close())
  return { app, store, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** The header of a token with these scopes, which is made for it. */
export async function bearing(
  { store }: Pick<Guarded, 'store'>,
  scopes: readonly string[],
  more: Partial<TokenRequest> = {},
): Promise<{ readonly authorization: string }> {
  return bearer(await tokenFor(store, scopes, more))
}

export async function tokenFor(
  store: Store,
  scopes: readonly string[],
  more: Partial<TokenRequest> = {},
): Promise<string> {
  const { token } = await createCredential(store, { name: 'tally-ci', scopes, ...more }, { by: 'the test' })
  if (token === undefined) throw new Error('A certificate stands for it')
  return token
}

export function bearer(token: string): { readonly authorization: string } {
  return { authorization: `Bearer ${token}` }
}

export const ADMIN = bearer(ADMIN_TOKEN)

/** Where a registry listens. */
export function listening({ app }: Pick<Guarded, 'app'>): Promise<string> {
  return listen(app, ANYWHERE)
}
