import type { FastifyInstance } from 'fastify'
import { buildServer, type ServerOptions } from '../../registry/server.ts'
import { openSqliteStore } from '../../registry/store/sqlite/open.ts'
import type { Store } from '../../registry/store/store.ts'
import { disposableFolder } from '../support/temporary-folder.ts'

export type Temporary<T> = T & AsyncDisposable

/** A registry over a new SQLite store. It does not listen unless it is told to. */
export async function temporaryRegistry(
  options: Omit<ServerOptions, 'store'> = {},
): Promise<Temporary<{ readonly app: FastifyInstance; readonly store: Store; readonly folder: string }>> {
  const resources = new AsyncDisposableStack()
  const folder = resources.use(await disposableFolder()).path
  const store = resources.use(await openSqliteStore(folder))
  const app = buildServer({ store, ...options })
  resources.defer(() => app.close())
  return { app, store, folder, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
