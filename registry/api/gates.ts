import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { demand } from '../access/authorise.ts'
import { noteAudit } from '../audit/at-work.ts'
import { canDeploy, check, start } from '../gates/gate.ts'
import type { Destination } from '../gates/neighbours.ts'
import { workingCopy } from '../gates/working-copy.ts'
import type { Registry } from '../registry.ts'
import { checkService, checkText } from '../services/names.ts'
import { endOverride, recordOverride } from '../services/overrides.ts'
import { readSent, SentContracts } from '../services/sent.ts'
import type { Override } from '../store/environments.ts'
import { answer, tellAnswer, tellOverride } from './answers.ts'
import { idOf } from './environments.ts'
import {
  cut,
  isNumber,
  malformed,
  oneOf,
  optional,
  pageOf,
  policyOf,
  type Query,
  refuseOthers,
  required,
} from './queries.ts'

const exactly = { additionalProperties: false } as const
const Name = Type.String()
const PolicyName = Type.Optional(Type.Union([Type.Literal('as-declared'), Type.Literal('strict')]))
const Where = { to: Type.Optional(Name), against: Type.Optional(Type.Literal('main')), policy: PolicyName }

/** A reservation, or an override, may be for as long as a week, or a quarter of a year. */
const LONGEST_RESERVATION_S = 604_800
const LONGEST_OVERRIDE_S = 7_948_800
const RESERVATION_S = 3600
/** Versions that may be deployed together. */
const MOST_TOGETHER = 100

export const GateRequest = Type.Object(
  {
    versions: Type.Array(Type.Object({ service: Name, version: Name, instance: Type.Optional(Name) }, exactly), {
      minItems: 1,
      maxItems: MOST_TOGETHER,
    }),
    ...Where,
    atOnce: Type.Optional(Type.Boolean()),
    start: Type.Optional(Type.Boolean()),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_RESERVATION_S })),
    by: Type.Optional(Name),
  },
  exactly,
)
export const CheckRequest = Type.Object(
  { service: Name, version: Type.Optional(Name), ...Where, ...SentContracts },
  exactly,
)
export const OverrideRequest = Type.Object(
  {
    service: Name,
    version: Type.Optional(Name),
    channel: Type.Optional(Name),
    environment: Name,
    reason: Type.String({ minLength: 1, maxLength: 1000 }),
    by: Name,
    expiresAt: Type.Optional(Type.String({ maxLength: 40 })),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_OVERRIDE_S })),
  },
  exactly,
)

/** May this go there? */
export function serveGates(app: FastifyInstance, registry: Registry): void {
  app.get<{ Querystring: Query }>('/can-i-deploy', async ({ query }, reply) => {
    refuseOthers(query, ['service', 'version', 'instance', 'to', 'against', 'policy'])
    const instance = optional(query, 'instance')
    const version = { service: required(query, 'service'), version: required(query, 'version') }
    const against = oneOf(query, 'against', ['main'])
    const destination = destinationOf({ to: optional(query, 'to'), against })
    const asked = { versions: [{ ...version, ...(instance !== undefined && { instance }) }], destination }
    return answer(reply, tellAnswer(await canDeploy(registry, { ...asked, policy: policyOf(query) })))
  })
  app.post<{ Body: Static<typeof GateRequest> }>(
    '/can-i-deploy',
    { schema: { body: GateRequest } },
    async (request, reply) => {
      const { body } = request
      const { versions, policy, atOnce, by, expiresInSeconds = RESERVATION_S } = body
      const destination = destinationOf(body)
      if (by !== undefined) checkText('a person or a job', by)
      if (body.start && !('to' in destination)) throw malformed('it starts, and names no environment with "to"')
      if (body.start && 'to' in destination) demand(request, 'deploy', destination.to)
      const asked = { versions, destination, policy, atOnce }
      if (body.start) noteAudit({ versions, ...destination })
      const starting = { by, expiresInMs: expiresInSeconds * 1000 }
      return answer(
        reply,
        tellAnswer(await (body.start ? start(registry, asked, starting) : canDeploy(registry, asked))),
      )
    },
  )
  app.post<{ Body: Static<typeof CheckRequest> }>(
    '/check',
    { schema: { body: CheckRequest } },
    async ({ body }, reply) => {
      const { service, version = 'working copy', policy, to, against, ...sent } = body
      checkService(service)
      checkText('a version', version)
      const { candidate, texts } = await workingCopy(registry, { service, version }, readSent(service, sent))
      const question = { candidates: [candidate], destination: destinationOf({ to, against }), policy, atOnce: false }
      return answer(reply, tellAnswer(await check(registry, question, texts)))
    },
  )
}

/** What somebody lets through by name. */
export function serveOverrides(app: FastifyInstance, registry: Registry): void {
  const { store } = registry
  app.post<{ Body: Static<typeof OverrideRequest> }>(
    '/overrides',
    { schema: { body: OverrideRequest } },
    async (request, reply) => {
      const { body } = request
      demand(request, 'override', body.environment)
      noteAudit(body)
      return answer(reply.code(201), tellOverride(await recordOverride(registry, body, LONGEST_OVERRIDE_S)))
    },
  )
  app.get<{ Querystring: Query }>('/overrides', async ({ query }, reply) => {
    const page = pageOf(query, isNumber)
    const [environment, service] = [optional(query, 'environment'), optional(query, 'service')]
    const entries = await store.environments.allOverrides({ ...page, limit: page.limit + 1 })
    const { told, more } = cut({ entries, limit: page.limit, keyOf: ({ id }) => id })
    const isWanted = oneOf(query, 'all', ['true', 'false']) === 'true'
    const overrides = told
      .filter((one) => isWanted || (!one.isExpired && one.ended === undefined))
      .filter((one) => (environment ?? one.environment) === one.environment && (service ?? one.service) === one.service)
    return answer(reply, { overrides: overrides.map(tellOverride), ...more })
  })
  app.delete<{ Params: { readonly id: string } }>('/overrides/:id', async (request, reply) => {
    const checkMay = ({ environment }: Override) => demand(request, 'override', environment)
    return answer(reply, tellOverride(await endOverride(registry, idOf(request.params.id), checkMay)))
  })
}

function destinationOf({
  to,
  against,
}: {
  readonly to?: string | undefined
  readonly against?: 'main' | undefined
}): Destination {
  if (to !== undefined && against !== undefined) throw malformed('it names both an environment ("to") and "against"')
  if (to !== undefined) return { to }
  if (against !== undefined) return { against }
  throw malformed('it names no environment ("to"), nor the main branches ("against=main")')
}
