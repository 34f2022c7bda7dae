import { monitorEventLoopDelay } from 'node:perf_hooks'
import Fastify from 'fastify'
import { buildServer, listen } from '../registry/server.ts'

import { openSqliteStore } from '../registry/store/sqlite/open.ts'
import type { Store } from '../registry/store/store.ts'

/**
 * A server in a process of its own, so that the load does not slow it down: `registry FOLDER|URL`, or a peer. `bare COUNT`
 * answers ids with the bytes that stand for them, `insert URL` puts what it is sent into one table. It tells its address, and
 * its figures when it is asked.
 */
const [kind = '', where = ''] = process.argv.slice(2)
const delay = monitorEventLoopDelay({ resolution: 1 })

const KINDS: { readonly [kind: string]: () => Promise<string> } = {
  registry: () => serveRegistry(where),
  bare: () => serveBare(Number(where)),
  insert: () => serveInserts(where),
}
const url = await KINDS[kind]?.()
process.once('SIGINT', () => process.exit())
process.on('message', (asked) => {
  if (asked === 'reset') delay.reset()
  process.send?.({ loopP99Ms: delay.percentile(99) / 1e6 - 1, rssMb: process.memoryUsage.rss() / 1e6 })
})
delay.enable()
process.send?.({ url })

async function serveRegistry(place: string): Promise<string> {
  const store: Store = await (place.startsWith('postgres')
    ? (await import('../registry/store/postgres/open.ts')).openPostgresStore({ url: place })
    : openSqliteStore(place))
  return listen(buildServer({ store }), { host: '127.0.0.1', port: 0 })
}

/** A route that returns the same bytes, and nothing around it. */
async function serveBare(count: number): Promise<string> {
  const { answerOf } = await import('./registry-data.ts')
  const answers = new Map(Array.from({ length: count }, (_, i) => [String(i + 1), Buffer.from(answerOf(i + 1))]))
  const app = Fastify()
  app.get<{ Params: { id: string } }>('/schemas/ids/:id', (request, reply) =>
    reply.header('content-type', 'application/vnd.schemaregistry.v1+json').send(answers.get(request.params.id)),
  )
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** What it is sent goes into one table. */
async function serveInserts(postgresUrl: string): Promise<string> {
  const { openInserts } = await import('./plain-inserts.ts')
  const { insert } = await openInserts(postgresUrl)
  const app = Fastify()
  type Sent = { Params: { subject: string }; Body: { schema: string } }
  app.post<Sent>('/subjects/:subject/versions', async ({ params, body }) => {
    await insert(params.subject, body.schema)
    return {}
  })
  return app.listen({ host: '127.0.0.1', port: 0 })
}
