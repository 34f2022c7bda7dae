import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { demand } from '../access/authorise.ts'
import { noteAudit } from '../audit/at-work.ts'
import type { Registry } from '../registry.ts'
import { deleteService } from '../services/delete.ts'
import { findService, findServiceVersion } from '../services/find.ts'
import { checkService, checkText } from '../services/names.ts'
import { publishContracts, putVersion } from '../services/publish.ts'
import { readSent, SentContracts } from '../services/sent.ts'
import type { ServiceVersion } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { answer, answerSchemas, tellContract, tellService, tellVersion } from './answers.ts'
import { cut, isNumber, isText, malformed, pageOf, type Query } from './queries.ts'

const exactly = { additionalProperties: false } as const
const Arrival = { branch: Type.Optional(Type.String()), buildUrl: Type.Optional(Type.String()) }
export const VersionRequest = Type.Object(Arrival, exactly)
export const ServiceRequest = Type.Object(
  { mainBranch: Type.Optional(Type.Union([Type.String(), Type.Null()])) },
  exactly,
)
export const PublishRequest = Type.Object(
  { service: Type.Optional(Type.String()), ...Arrival, ...SentContracts },
  exactly,
)

type ServicePath = { readonly service: string }
type VersionPath = ServicePath & { readonly version: string }

/** Services, their versions, and what these publish. */
export function serveServices(app: FastifyInstance, registry: Registry): void {
  const { store } = registry
  app.get<{ Querystring: Query }>('/services', async ({ query }, reply) => {
    const page = pageOf(query, isText)
    const entries = await store.services.list({ ...page, limit: page.limit + 1 })
    const latest = await store.services.latestOf(entries.map(({ name }) => name))
    const versions = new Map(latest.map(({ service, version }) => [service, version]))
    const { told, more } = cut({ entries, limit: page.limit, keyOf: ({ name }) => name })
    const services = told.map((entry) => {
      const version = versions.get(entry.name)
      return { ...tellService(entry), ...(version !== undefined && { latest: version }) }
    })
    return answer(reply, { services, ...more })
  })
  app.get<{ Params: ServicePath; Querystring: Query }>('/services/:service', async ({ params, query }, reply) => {
    const page = pageOf(query, isNumber)
    const service = await findService(store.services, params.service)
    const entries = await store.services.versions(service.name, { ...page, limit: page.limit + 1 })
    const { told, more } = cut({ entries, limit: page.limit, keyOf: ({ position }) => position })
    return answer(reply, { ...tellService(service), versions: await tellVersions(store, told), ...more })
  })
  app.put<{ Params: ServicePath; Body: Static<typeof ServiceRequest> }>(
    '/services/:service',
    { schema: { body: ServiceRequest } },
    async ({ params: { service }, body: { mainBranch } }, reply) => {
      checkService(service)
      if (typeof mainBranch === 'string') checkText('a branch', mainBranch)
      if (mainBranch !== undefined) noteAudit({ mainBranch })
      const put = await store.write(async ({ services }) => {
        const isNew = (await services.service(service)) === undefined
        return { entry: await services.putService(service, mainBranch), isNew }
      })
      return answer(reply.code(put.isNew ? 201 : 200), tellService(put.entry))
    },
  )
  app.delete<{ Params: ServicePath }>('/services/:service', async ({ params }, reply) =>
    answer(reply, tellService(await deleteService(registry, params.service))),
  )
  app.get<{ Params: VersionPath }>('/services/:service/versions/:version', async ({ params }, reply) => {
    const version = await findServiceVersion(store.services, params)
    const [told] = await tellVersions(store, [version])
    const contracts = version.publishedAt === undefined ? undefined : await store.services.contracts(version)
    return answer(reply, { ...told, ...(contracts && { contracts: contracts.map(tellContract) }) })
  })
  app.put<{ Params: VersionPath; Body: Static<typeof VersionRequest> }>(
    '/services/:service/versions/:version',
    { schema: { body: VersionRequest } },
    async ({ params, body }, reply) => {
      if (body.branch !== undefined) noteAudit({ branch: body.branch })
      const { version, isNew } = await putVersion(registry, { ...params, ...body })
      const [told] = await tellVersions(store, [version])
      return answer(reply.code(isNew ? 201 : 200), told)
    },
  )
  app.get<{ Params: VersionPath }>('/services/:service/versions/:version/contracts', async ({ params }, reply) => {
    const version = await findServiceVersion(store.services, params)
    const contracts = await store.services.contracts(version)
    const schemas = await store.schemas.byIds(contracts.map(({ schemaId }) => schemaId))
    const texts = new Map(schemas.map(({ id, text }) => [id, text]))
    const told = contracts.map((contract) => ({
      told: tellContract(contract),
      text: texts.get(contract.schemaId) ?? 'true',
    }))
    return answerSchemas(reply, { service: version.service, version: version.version }, 'contracts', told)
  })
  app.post<{ Params: VersionPath; Body: Static<typeof PublishRequest> }>(
    '/services/:service/versions/:version/contracts',
    { schema: { body: PublishRequest } },
    async (request, reply) => {
      const { params, body } = request
      const { service: named, branch, buildUrl, ...sent } = body
      checkService(params.service)
      if (named !== undefined && named !== params.service)
        throw malformed(`its body names the service "${named.slice(0, 200)}", and its path another`)
      const contracts = readSent(params.service, sent)
      for (const { subject } of contracts) if (subject !== undefined) demand(request, 'register', subject)
      const { version, isNew, ...published } = await publishContracts(
        registry,
        { ...params, branch, buildUrl },
        contracts,
      )
      const [told] = await tellVersions(store, [version])
      return answer(reply.code(isNew ? 201 : 200), { ...told, contracts: published.contracts.map(tellContract) })
    },
  )
}

/** Versions of one service, with their branches and where they run. */
async function tellVersions(
  { services, environments }: Pick<Reads, 'services' | 'environments'>,
  versions: readonly ServiceVersion[],
) {
  const [first] = versions
  if (!first) return []
  const [branches, running] = await Promise.all([
    services.branches(
      first.service,
      versions.map(({ version }) => version),
    ),
    environments.currentOf(first.service),
  ])
  return versions.map((version) => ({
    ...tellVersion(version, {
      branches: branches.filter((one) => one.version === version.version).map(({ branch }) => branch),
    }),
    environments: [
      ...new Set(running.filter((one) => one.version === version.version).map(({ environment }) => environment)),
    ],
  }))
}
