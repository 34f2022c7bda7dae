import type { FastifyInstance } from 'fastify'
import { demand } from '../access/authorise.ts'
import { noteAudit } from '../audit/at-work.ts'
import type { Registry } from '../registry.ts'
import { deleteSubject, deleteVersion } from '../subjects/delete.ts'
import { findByMetadata, findReferrers, findVersion, listVersions, lookUp } from '../subjects/find.ts'
import { listSubjects } from '../subjects/list.ts'
import { register } from '../subjects/register.ts'
import { answer, answerText, describeRegistered, describeVersion } from './answers.ts'
import { isTrue, listOf, type Query, sliced, sliceOf, textOf, whichOf } from './queries.ts'
import type { ReadyAnswers } from './ready-answers.ts'
import { SchemaRequest, type SubjectPath, type VersionPath } from './requests.ts'

type Sending = { Params: SubjectPath; Querystring: Query; Body: SchemaRequest }
type OfSubject = { Params: SubjectPath; Querystring: Query }
type OfVersion = { Params: VersionPath; Querystring: Query }

/** Subjects and their versions. */
export function serveSubjects(app: FastifyInstance, registry: Registry, ready: Pick<ReadyAnswers, 'forget'>): void {
  const { store } = registry
  const schema = { body: SchemaRequest }

  app.post<Sending>('/subjects/:subject/versions', { schema }, async (request, reply) => {
    const { params, body, query } = request
    const force = isTrue(query.force)
    if (force) {
      demand(request, 'override', '*')
      request.log.warn({ subject: params.subject }, 'Registering without compatibility checks (force)')
      noteAudit({ force })
    }
    const registered = await register(registry, params.subject, body, { normalize: isTrue(query.normalize), force })
    return answer(request, reply, describeRegistered(registered))
  })
  app.post<Sending>('/subjects/:subject', { schema }, async (request, reply) => {
    const { params, body, query } = request
    const options = { normalize: isTrue(query.normalize), which: whichOf(query) }
    return answer(request, reply, describeVersion(await lookUp(registry, params.subject, body, options)))
  })
  app.get<{ Querystring: Query }>('/subjects', async (request, reply) => {
    const { query } = request
    const filter = { prefix: plainPrefix(textOf(query.subjectPrefix)), which: whichOf(query) }
    return answer(request, reply, await listSubjects(store.subjects, filter, sliceOf(query)))
  })
  app.get<OfSubject>('/subjects/:subject/versions', async (request, reply) => {
    const { params, query } = request
    const versions = await listVersions(store.subjects, params.subject, whichOf(query))
    const isMarked = isTrue(query.deletedAsNegative)
    const numbers = versions.map(({ version, deleted }) => (deleted && isMarked ? -version : version))
    return answer(request, reply, sliced(numbers, sliceOf(query)))
  })
  app.get<OfVersion>('/subjects/:subject/versions/:version', async (request, reply) => {
    const found = await findVersion(store.subjects, { ...request.params, which: whichOf(request.query) })
    return answer(request, reply, describeVersion(found))
  })
  app.get<OfVersion>('/subjects/:subject/versions/:version/schema', async (request, reply) => {
    const { text } = await findVersion(store.subjects, { ...request.params, which: whichOf(request.query) })
    return answerText(request, reply, text)
  })
  app.get<OfVersion>('/subjects/:subject/versions/:version/referencedby', async (request, reply) => {
    const ids = await findReferrers(store.subjects, { ...request.params, which: whichOf(request.query) })
    return answer(request, reply, sliced(ids, sliceOf(request.query)))
  })
  app.get<OfSubject>('/subjects/:subject/metadata', async (request, reply) => {
    const { params, query } = request
    const values = listOf(query.value)
    const wanted = new Map(listOf(query.key).map((key, i) => [key, values[i] ?? '']))
    return answer(request, reply, describeVersion(await findByMetadata(store.subjects, params.subject, wanted)))
  })
  app.delete<OfSubject>('/subjects/:subject', async (request, reply) => {
    const { params, query } = request
    if (isTrue(query.permanent)) noteAudit({ permanent: true })
    const versions = await deleteSubject(registry, params.subject, isTrue(query.permanent))
    if (isTrue(query.permanent)) ready.forget()
    return answer(request, reply, versions)
  })
  app.delete<OfVersion>('/subjects/:subject/versions/:version', async (request, reply) => {
    const { params, query } = request
    if (isTrue(query.permanent)) noteAudit({ permanent: true })
    const version = await deleteVersion(registry, params, isTrue(query.permanent))
    if (isTrue(query.permanent)) ready.forget()
    return answer(request, reply, version)
  })
}

/** `:*:` asks for the subjects of all contexts, and there is one. */
function plainPrefix(prefix = ''): string {
  return prefix.replace(/^:(\*|\.):/, '')
}
