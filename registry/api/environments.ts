import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { demand } from '../access/authorise.ts'
import { noteAudit } from '../audit/at-work.ts'
import type { Registry } from '../registry.ts'
import {
  deleteEnvironment,
  endDeployment,
  endRelease,
  giveUp,
  putEnvironment,
  recordDeployment,
  recordRelease,
} from '../services/deployments.ts'
import { findEnvironment, listEnvironments } from '../services/find.ts'
import type { Reservation } from '../store/environments.ts'
import { answer, tellDeployment, tellReservation } from './answers.ts'
import { cut, isNumber, optional, pageOf, type Query } from './queries.ts'

const exactly = { additionalProperties: false } as const
export const EnvironmentRequest = Type.Object(
  {
    production: Type.Optional(Type.Boolean()),
    policy: Type.Optional(Type.Union([Type.Literal('as-declared'), Type.Literal('strict')])),
  },
  exactly,
)
export const DeploymentRequest = Type.Object(
  { service: Type.String(), version: Type.String(), instance: Type.Optional(Type.String()) },
  exactly,
)
export const ReleaseRequest = Type.Object({ service: Type.String(), version: Type.String() }, exactly)

type EnvironmentPath = { readonly environment: string }
type ServicePath = EnvironmentPath & { readonly service: string }

/** Environments, and what runs there. */
export function serveEnvironments(app: FastifyInstance, registry: Registry): void {
  const { store } = registry
  app.get('/environments', async (_request, reply) =>
    answer(reply, { environments: await listEnvironments(store.environments) }),
  )
  app.put<{ Params: EnvironmentPath; Body: Static<typeof EnvironmentRequest> }>(
    '/environments/:environment',
    { schema: { body: EnvironmentRequest } },
    async ({ params, body }, reply) => {
      noteAudit(body)
      const { environment, isNew } = await putEnvironment(registry, params.environment, body)
      return answer(reply.code(isNew ? 201 : 200), environment)
    },
  )
  app.delete<{ Params: EnvironmentPath }>('/environments/:environment', async ({ params }, reply) =>
    answer(reply, await deleteEnvironment(registry, params.environment)),
  )
  app.get<{ Params: EnvironmentPath }>('/environments/:environment', async ({ params }, reply) => {
    const environment = await findEnvironment(store, params.environment)
    const [running, reservations] = await Promise.all([
      store.environments.current(environment.name),
      store.environments.reservations(environment.name),
    ])
    return answer(reply, {
      ...environment,
      deployments: running.filter(({ kind }) => kind === 'deployment').map(tellDeployment),
      releases: running.filter(({ kind }) => kind === 'release').map(tellDeployment),
      reservations: reservations.map(tellReservation),
    })
  })
  app.get<{ Params: EnvironmentPath; Querystring: Query }>(
    '/environments/:environment/history',
    async ({ params, query }, reply) => {
      const page = pageOf(query, isNumber)
      const { name } = await findEnvironment(store, params.environment)
      const wanted = { ...page, limit: page.limit + 1 }
      const entries = await store.environments.history(name, wanted, optional(query, 'service'))
      const { told, more } = cut({ entries, limit: page.limit, keyOf: ({ id }) => id })
      return answer(reply, { deployments: told.map(tellDeployment), ...more })
    },
  )
  serveRecording(app, registry)
}

function serveRecording(app: FastifyInstance, registry: Registry): void {
  app.post<{ Params: EnvironmentPath; Body: Static<typeof DeploymentRequest> }>(
    '/environments/:environment/deployments',
    { schema: { body: DeploymentRequest } },
    async ({ params, body: { version, ...slot } }, reply) => {
      noteAudit({ version, ...slot })
      const { deployment, isNew, ended, closed } = await recordDeployment(registry, { ...params, ...slot }, version)
      return answer(reply.code(isNew ? 201 : 200), {
        deployment: tellDeployment(deployment),
        ended: ended.map(tellDeployment),
        closed: closed.map(tellReservation),
      })
    },
  )
  app.delete<{ Params: ServicePath; Querystring: Query }>(
    '/environments/:environment/deployments/:service',
    async ({ params, query }, reply) => {
      const instance = optional(query, 'instance')
      if (instance !== undefined) noteAudit({ instance })
      const ended = await endDeployment(registry, { ...params, instance })
      return answer(reply, { ended: ended.map(tellDeployment) })
    },
  )
  app.post<{ Params: EnvironmentPath; Body: Static<typeof ReleaseRequest> }>(
    '/environments/:environment/releases',
    { schema: { body: ReleaseRequest } },
    async ({ params, body }, reply) => {
      noteAudit(body)
      const { release, isNew } = await recordRelease(registry, params.environment, body)
      return answer(reply.code(isNew ? 201 : 200), { release: tellDeployment(release) })
    },
  )
  app.delete<{ Params: ServicePath & { readonly version: string } }>(
    '/environments/:environment/releases/:service/:version',
    async ({ params: { environment, ...name } }, reply) => {
      const ended = await endRelease(registry, environment, name)
      return answer(reply, { ended: ended.map(tellDeployment) })
    },
  )
  app.delete<{ Params: { readonly id: string } }>('/reservations/:id', async (request, reply) => {
    const check = ({ environment }: Reservation) => demand(request, 'deploy', environment)
    const reservation = await giveUp(registry, idOf(request.params.id), check)
    return answer(reply, { reservation: tellReservation(reservation) })
  })
}

/** No id is 0, so what is no number is not there. */
export function idOf(text: string): number {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0
}
