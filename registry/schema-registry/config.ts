import type { FastifyInstance } from 'fastify'
import { noteAudit } from '../audit/at-work.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { ConfigRequest, deleteConfig, findConfig, setConfig } from '../subjects/config.ts'
import { deleteMode, findMode, setMode } from '../subjects/mode.ts'
import { answer } from './answers.ts'
import { isTrue, type Query } from './queries.ts'
import { ModeRequest, type SubjectPath } from './requests.ts'

type Asking = { Params: Partial<SubjectPath>; Querystring: Query }
type Setting<Body> = Asking & { Body: Body }

/** What is set globally, and for one subject. */
export function serveConfig(app: FastifyInstance, registry: Registry): void {
  for (const path of ['/config', '/config/:subject']) {
    app.get<Asking>(path, async (request, reply) => {
      const { params, query } = request
      return answer(request, reply, await findConfig(registry, params.subject, isTrue(query.defaultToGlobal)))
    })
    app.put<Setting<ConfigRequest>>(path, { schema: { body: ConfigRequest } }, async (request, reply) => {
      const { params, body } = request
      const { compatibility } = body
      if (typeof compatibility === 'string' || compatibility === null) noteAudit({ compatibility })
      return answer(request, reply, await setConfig(registry, params.subject, body))
    })
    app.delete<Asking>(path, async (request, reply) =>
      answer(request, reply, await deleteConfig(registry, request.params.subject)),
    )
  }
}

/** Whether there may be written, globally and for one subject. */
export function serveMode(app: FastifyInstance, registry: Registry): void {
  for (const path of ['/mode', '/mode/:subject']) {
    app.get<Asking>(path, async (request, reply) => {
      const { params, query } = request
      return answer(request, reply, { mode: await findMode(registry, params.subject, isTrue(query.defaultToGlobal)) })
    })
    app.put<Setting<ModeRequest>>(path, { schema: { body: ModeRequest } }, async (request, reply) => {
      const { mode } = request.body
      // Null takes a mode away; a misspelt member must not.
      if (mode === undefined) throw registryError('mode.invalid', { mode: '' })
      noteAudit({ mode })
      await setMode(registry, request.params.subject, mode)
      return answer(request, reply, { mode })
    })
    app.delete<Asking>(path, async (request, reply) =>
      answer(request, reply, { mode: await deleteMode(registry, request.params.subject) }),
    )
  }
}
