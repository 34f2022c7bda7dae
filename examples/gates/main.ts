import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildServer, listen, openPostgresStore, openSqliteStore, type Store } from 'concordat/registry'
import { play } from './play.ts'
import { readDatabaseUrl } from './settings.ts'

await using open = new AsyncDisposableStack()
const store = open.use(await openStore())
const server = open.adopt(buildServer({ store }), (opened) => opened.close())
await play(await listen(server, { host: '127.0.0.1', port: 0 }))
console.log('Every command has answered as the story tells it.')

/** The database that is named, or a SQLite that is gone when the story is over. */
async function openStore(): Promise<Store> {
  const url = readDatabaseUrl()
  if (url !== undefined) return openPostgresStore({ url })
  const folder = await mkdtemp(join(tmpdir(), 'concordat-gates-'))
  open.defer(() => rm(folder, { recursive: true, force: true }))
  return openSqliteStore(folder)
}
