import Fastify from 'fastify'
import { gatherLines } from '../registry/operations/gathered-lines.ts'
import { schemaRegistry } from '../registry/schema-registry/surface.ts'
import { buildServer, letConnectionsEnd, type ServerOptions } from '../registry/server.ts'
import { openSqliteStore } from '../registry/store/sqlite/open.ts'
import { createEngine } from '../registry/verdicts/engine.ts'

/**
 * The registry in a process of its own, over the data in a folder: `plain` has its routes and nothing around them, `observed` is
 * open and counts and logs, `token` asks for a token besides, `limited` lets anybody read and counts how often. Its log goes
 * to its standard error.
 */
const [kind = '', folder = '', adminToken = ''] = process.argv.slice(2)
const store = await openSqliteStore(folder)
const logger = { level: 'info', stream: gatherLines(process.stderr) }
const rate = { most: 1_000_000, windowMs: 1000 }

const OPTIONS: { readonly [kind: string]: Omit<ServerOptions, 'store'> } = {
  observed: { logger },
  token: { logger, access: { mode: 'tokens', adminToken } },
  limited: { logger, access: { mode: 'tokens', adminToken, anonymousReads: true }, rates: { 'anonymous-read': rate } },
}

const options = OPTIONS[kind]
const app = options ? buildServer({ store, ...options }) : plainServer()
process.once('SIGINT', () => process.exit())
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})
process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })

function plainServer() {
  const plain = Fastify()
  letConnectionsEnd(plain)
  plain.register(schemaRegistry, { registry: { store, engine: createEngine() } })
  return plain
}
