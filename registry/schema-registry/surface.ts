import type { FastifyInstance } from 'fastify'
import type { Store } from '../store/store.ts'
import { findSchema, findVersion, listVersions, lookUp } from '../subjects/find.ts'
import { register } from '../subjects/register.ts'
import { answer, answerText, describeContent, describeRegistered, describeVersion } from './answers.ts'
import { readBodies } from './body.ts'
import { refuseUnknownRoute } from './refusals.ts'
import { type IdPath, type Query, SchemaRequest, type SubjectPath, type VersionPath } from './requests.ts'

/** The Schema Registry API, as its existing clients speak it. */
export async function schemaRegistry(app: FastifyInstance, { store }: { readonly store: Store }): Promise<void> {
  readBodies(app)
  serveSubjects(app, store)
  serveSchemas(app, store)
  app.get('/', (request, reply) => answer(request, reply, {}))
}

function serveSubjects(app: FastifyInstance, store: Store): void {
  type Sending = { Params: SubjectPath; Querystring: Query; Body: SchemaRequest }
  const schema = { body: SchemaRequest }

  app.post<Sending>('/subjects/:subject/versions', { schema }, async (request, reply) => {
    const { params, body, query } = request
    return answer(
      request,
      reply,
      describeRegistered(await register(store, params.subject, body, isTrue(query.normalize))),
    )
  })
  app.post<Sending>('/subjects/:subject', { schema }, async (request, reply) => {
    const { params, body, query } = request
    const found = await lookUp(store.schemas, params.subject, body, isTrue(query.normalize))
    return answer(request, reply, describeVersion({ ...found, subject: params.subject }))
  })
  app.get('/subjects', async (request, reply) => answer(request, reply, await store.schemas.subjects()))
  app.get<{ Params: SubjectPath }>('/subjects/:subject/versions', async (request, reply) =>
    answer(request, reply, await listVersions(store.schemas, request.params.subject)),
  )
  app.get<{ Params: VersionPath }>('/subjects/:subject/versions/:version', async (request, reply) => {
    const { subject, version } = request.params
    return answer(request, reply, describeVersion(await findVersion(store.schemas, subject, version)))
  })
}

function serveSchemas(app: FastifyInstance, store: Store): void {
  app.get('/schemas/types', (request, reply) => answer(request, reply, ['JSON']))
  app.get<{ Params: IdPath; Querystring: Query }>('/schemas/ids/:id', async (request, reply) => {
    const id = parseId(request.params.id)
    if (id === undefined) return refuseUnknownRoute(request, reply)
    const schema = await findSchema(store.schemas, id)
    const { subject } = request.query
    const version = typeof subject === 'string' ? await store.schemas.versionOf(subject, id) : undefined
    return answer(request, reply, { ...describeContent(schema), ...(version !== undefined && { subject, version }) })
  })
  app.get<{ Params: IdPath }>('/schemas/ids/:id/schema', async (request, reply) => {
    const id = parseId(request.params.id)
    if (id === undefined) return refuseUnknownRoute(request, reply)
    return answerText(request, reply, (await findSchema(store.schemas, id)).text)
  })
}

/** What is no number is no route of that API. */
function parseId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

function isTrue(value: Query[string]): boolean {
  return value === 'true'
}
