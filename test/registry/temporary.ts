import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildServer, type ServerOptions } from '../../registry/server.ts'
import { openSqliteStore } from '../../registry/store/sqlite.ts'
import type { Store } from '../../registry/store/store.ts'

export type Temporary<T> = T & AsyncDisposable

/** A new empty folder that goes when the test does. */
export async function temporaryFolder(): Promise<Temporary<{ readonly path: string }>> {
  const path = await mkdtemp(join(tmpdir(), 'concordat-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A registry over a new SQLite store. It does not listen unless it is told to. */
export async function temporaryRegistry(
  options: Omit<ServerOptions, 'store'> = {},
): Promise<Temporary<{ readonly app: FastifyInstance; readonly store: Store; readonly folder: string }>> {
  const resources = new AsyncDisposableStack()
  const folder = resources.use(await temporaryFolder()).path
  const store = resources.use(await openSqliteStore(folder))
  const app = buildServer({ store, ...options })
  resources.defer(() => app.close())
  return { app, store, folder, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
