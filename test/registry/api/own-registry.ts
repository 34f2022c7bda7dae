import type { FastifyInstance } from 'fastify'
import { inject } from 'vitest'
import { buildServer } from '../../../registry/server.ts'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { createRegistryDatabase } from '../../support/registry-database.ts'
import { type Sent, send } from '../send.ts'
import { type Temporary, temporaryRegistry } from '../temporary.ts'

type Registry = { readonly app: FastifyInstance }

/** A registry on each store. */
export const FORMS: readonly (readonly [form: string, make: () => Promise<Temporary<Registry>>])[] = [
  ['SQLite', () => temporaryRegistry()],
  ['PostgreSQL', onPostgres],
]

async function onPostgres(): Promise<Temporary<Registry>> {
  const resources = new AsyncDisposableStack()
  const { url } = resources.use(await createRegistryDatabase(inject('postgresUrl')))
  const store = resources.use(await openPostgresStore({ url }))
  const app = buildServer({ store })
  resources.defer(() => app.close())
  return { app, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Speaks to a registry's own API as its clients do, by the names of what they do. */
export function clientOf(registry: Registry) {
  return {
    get: (path: string) => send(registry, `GET /api${path}`),
    post: (path: string, body: unknown) => send(registry, `POST /api${path}`, body),
    put: (path: string, body: unknown) => send(registry, `PUT /api${path}`, body),
    remove: (path: string) => send(registry, `DELETE /api${path}`),
    publish: (service: string, version: string, body: object) =>
      send(
        registry,
        `POST /api/services/${encodeURIComponent(service)}/versions/${encodeURIComponent(version)}/contracts`,
        body,
      ),
    ask: (service: string, version: string, to = 'production', more = '') =>
      send(
        registry,
        `GET /api/can-i-deploy?service=${encodeURIComponent(service)}&version=${encodeURIComponent(version)}&to=${to}${more}`,
      ),
    record: (service: string, version: string, to = 'production', more = {}) =>
      send(registry, `POST /api/environments/${to}/deployments`, { service, version, ...more }),
  }
}
export type Client = ReturnType<typeof clientOf>

/** Publishes and records what has to be there before the test; what is refused fails it. */
export async function deployed(
  client: Client,
  service: string,
  version: string,
  body: object,
  to = 'production',
): Promise<void> {
  for (const sent of [await client.publish(service, version, body), await client.record(service, version, to)])
    done(sent)
}

/** The answer to what has to go well. */
export function done({ status, text }: Sent): void {
  if (status >= 300) throw new Error(`${status} ${text}`)
}

/** An object with these fields, all required. */
export function fields(properties: object): object {
  return { type: 'object', properties, required: Object.keys(properties) }
}

export const TEXT = { type: 'string' }
export const OPTION = { enum: ['cats', 'dogs'] }
