import type { FastifyInstance } from 'fastify'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { findSchema, findUses } from '../subjects/find.ts'
import { listSchemas } from '../subjects/list.ts'
import { answer, answerInParts, describeContent } from './answers.ts'
import { isTrue, type Query, sliced, sliceOf, textOf, whichOf } from './queries.ts'
import type { ReadyAnswers } from './ready-answers.ts'
import { refuseUnknownRoute } from './refusals.ts'
import type { GuidPath, IdPath } from './requests.ts'

type ById = { Params: IdPath; Querystring: Query }

/** As many schemas as one answer lists, whatever it was asked for. */
const MOST_LISTED = 1000

/** Schemas by what they are. */
export function serveSchemas(app: FastifyInstance, { store }: Registry, ready: ReadyAnswers): void {
  app.get('/schemas/types', (request, reply) => answer(request, reply, ['JSON']))
  app.get<{ Querystring: Query }>('/schemas', async (request, reply) => {
    const { query } = request
    const prefix = (textOf(query.subjectPrefix) ?? '').replace(/^:(\*|\.):/, '')
    const filter = { prefix, which: whichOf(query), latestOnly: isTrue(query.latestOnly) }
    return answerInParts(request, reply, listSchemas(store.subjects, filter, sliceOf(query, MOST_LISTED)))
  })
  app.get<ById>('/schemas/ids/:id', async (request, reply) => {
    const { query } = request
    const id = parseId(request.params.id)
    if (id === undefined) return refuseUnknownRoute(request, reply)
    if (query.subject === undefined && query.fetchMaxId === undefined) return ready.answerById(request, reply, id)
    const subject = textOf(query.subject)
    const [schema, uses, maxId] = await Promise.all([
      findSchema(store.schemas, id),
      subject === undefined ? [] : store.schemas.uses(id, 'live'),
      isTrue(query.fetchMaxId) ? store.schemas.maxId() : undefined,
    ])
    const use = uses.findLast((one) => one.subject === subject)
    return answer(request, reply, { ...describeContent(schema), ...use, ...(maxId !== undefined && { maxId }) })
  })
  app.get<ById>('/schemas/ids/:id/schema', async (request, reply) => {
    const id = parseId(request.params.id)
    return id === undefined ? refuseUnknownRoute(request, reply) : ready.answerTextById(request, reply, id)
  })
  app.get<ById>('/schemas/ids/:id/subjects', async (request, reply) => {
    const id = parseId(request.params.id)
    if (id === undefined) return refuseUnknownRoute(request, reply)
    const names = (await usesOf(id, request.query)).map(({ subject }) => subject)
    return answer(request, reply, sliced([...new Set(names)], sliceOf(request.query)))
  })
  app.get<ById>('/schemas/ids/:id/versions', async (request, reply) => {
    const id = parseId(request.params.id)
    if (id === undefined) return refuseUnknownRoute(request, reply)
    return answer(request, reply, sliced(await usesOf(id, request.query), sliceOf(request.query)))
  })
  app.get<{ Params: GuidPath }>('/schemas/guids/:guid', async (request, reply) =>
    answer(request, reply, describeContent(await findByGuid(request.params.guid))),
  )
  app.get<{ Params: GuidPath }>('/schemas/guids/:guid/ids', async (request, reply) => {
    const { id } = await findByGuid(request.params.guid)
    return answer(request, reply, [{ context: '.', id }])
  })

  const usesOf = async (id: number, query: Query) => {
    const uses = await findUses(store.schemas, id, whichOf(query))
    const subject = textOf(query.subject)
    return subject === undefined ? uses : uses.filter((use) => use.subject === subject)
  }
  const findByGuid = async (guid: string) => {
    const found = await store.schemas.byGuid(guid.toLowerCase())
    if (!found) throw registryError('schema.unknown', { id: guid })
    return found
  }
}

/** What is no number is no route of that API. */
function parseId(text: string): number | undefined {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return id < 2 ** 31 ? id : undefined
}
