import type { FastifyInstance } from 'fastify'
import { impactOf } from '../gates/impact.ts'
import { matrixOf } from '../gates/matrix.ts'
import type { Registry } from '../registry.ts'
import { type ChannelParts, channelOf } from '../services/channel.ts'
import { findChannel, findEnvironment } from '../services/find.ts'
import { asDot, asMermaid, graphOf } from '../services/graph.ts'
import { waysOf } from '../services/written.ts'
import type { FieldUse, Meeting, StoredContract, Verb, VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { answer, answerSchemas, tellContract } from './answers.ts'
import {
  cut,
  isText,
  numberOf,
  oneOf,
  optional,
  pageOf,
  policyOf,
  type Query,
  refuseOthers,
  required,
} from './queries.ts'

type ChannelPath = { readonly channel: string }
const VERBS = ['writes', 'reads', 'serves', 'calls'] as const

/** Channels: who takes part in them, and with which schemas. */
export function serveChannels(app: FastifyInstance, { store }: Registry): void {
  app.get<{ Querystring: Query }>('/channels', async ({ query }, reply) => {
    const page = pageOf(query, isText)
    const entries = await store.channels.places(optional(query, 'prefix') ?? '', { ...page, limit: page.limit + 1 })
    const { told, more } = cut({ entries, limit: page.limit, keyOf: (place) => place })
    const meetings = Map.groupBy(await store.channels.meetings(told), ({ place }) => place)
    return answer(reply, { channels: told.map((place) => tellPlace(place, meetings.get(place) ?? [])), ...more })
  })
  app.get<{ Params: ChannelPath; Querystring: Query }>('/channels/:channel', async ({ params, query }, reply) => {
    const page = pageOf(query, isVersion)
    const channel = await findChannel(store, params.channel)
    const where = optional(query, 'environment')
    const environment = where === undefined ? undefined : (await findEnvironment(store, where)).name
    // a version's parts stay together
    const limit = Math.max(page.limit, MOST_PARTS)
    const rows = await store.channels.contractsAt(channel.place, { ...page, limit: limit + 1 }, environment)
    const versions = [...Map.groupBy(rows, ({ service, version }) => `${service} ${version}`).values()]
    const whole = rows.length > limit ? versions.slice(0, -1) : versions
    const { told, more } = cut({ entries: versions, limit: Math.min(whole.length, page.limit), keyOf: keyOfFirst })
    return answer(reply, { channel: channelOf(channel), contracts: await tellTaking(store, told, channel), ...more })
  })
  app.get<{ Params: ChannelPath; Querystring: Query }>(
    '/channels/:channel/schemas',
    async ({ params, query }, reply) => {
      const channel = await findChannel(store, params.channel)
      const otherwise = channel.place.startsWith('http:') ? 'serves' : 'writes'
      const verb = oneOf(query, 'verb', VERBS) ?? otherwise
      const ways = await waysOf(store, channel, verb, optional(query, 'environment'))
      const schemas = ways.map(({ contract, text, versions }) => {
        const { channel: name, schemaId, fingerprint, encoding, field, headers } = tellContract(contract)
        const how = { channel: name, schemaId, fingerprint, encoding, ...(field !== undefined && { field }), headers }
        return { told: { ...how, versions }, text }
      })
      return answerSchemas(reply, { channel: channelOf(channel), verb }, 'schemas', schemas)
    },
  )
}

/** What can be asked of all contracts together. */
export function serveOverviews(app: FastifyInstance, registry: Registry): void {
  const { store } = registry
  app.get<{ Querystring: Query }>('/matrix', async ({ query }, reply) => {
    const wanted = {
      writer: required(query, 'writer'),
      reader: required(query, 'reader'),
      writerVersion: optional(query, 'writerVersion'),
      readerVersion: optional(query, 'readerVersion'),
      policy: policyOf(query) ?? ('as-declared' as const),
      versions: numberOf(query, 'limit', { most: MOST_VERSIONS, otherwise: 10 }),
    }
    return answer(reply, await matrixOf(registry, wanted))
  })
  app.get<{ Querystring: Query }>('/graph', async ({ query }, reply) => {
    const format = oneOf(query, 'format', ['json', 'mermaid', 'dot'])
    const graph = await graphOf(store, optional(query, 'environment'))
    if (format === 'mermaid' || format === 'dot')
      return reply.type('text/plain; charset=utf-8').send(format === 'dot' ? asDot(graph) : asMermaid(graph))
    return answer(reply, graph)
  })
  app.get<{ Querystring: Query }>('/impact', async ({ query }, reply) => {
    refuseOthers(query, ['service', 'version', 'to', 'policy'])
    const version = { service: required(query, 'service'), version: required(query, 'version') }
    const destination = { to: required(query, 'to') }
    return answer(reply, await impactOf(registry, { versions: [version], destination, policy: policyOf(query) }))
  })
  app.get<{ Querystring: Query }>('/fields', async ({ query }, reply) => {
    const name = required(query, 'name')
    const page = pageOf(query, isField)
    const entries = await store.channels.fields(name, { ...page, limit: page.limit + 1 }, oneOf(query, 'verb', VERBS))
    const { told, more } = cut({ entries, limit: page.limit, keyOf: (field) => field })
    const running = await runningOf(store, told)
    const fields = told.map(({ place, part, ...field }) => ({
      name,
      ...field,
      channel: channelOf({ place, part }),
      environments: running(field),
    }))
    return answer(reply, { fields, ...more })
  })
}

/** Versions of a service in one matrix. */
const MOST_VERSIONS = 30
/** A version has no more contracts than this, be it at one place. */
const MOST_PARTS = 1000

function tellPlace(channel: string, meetings: readonly Meeting[]) {
  const verbs: readonly Verb[] = channel.startsWith('http:') ? ['serves', 'calls'] : ['writes', 'reads']
  const taking = verbs.map((verb) => [verb, meetings.filter((one) => one.verb === verb).map(({ service }) => service)])
  return { channel, ...Object.fromEntries(taking) }
}

async function tellTaking(reads: Reads, versions: readonly StoredContract[][], { part }: ChannelParts) {
  const names = versions.flatMap(([first]) => first ?? [])
  const running = await runningOf(reads, names)
  const branches = await branchesOf(reads, names)
  return versions.flatMap((contracts) =>
    [...Map.groupBy(contracts, ({ verb }) => verb)].flatMap(([verb, all]) => {
      const parts = all.filter((one) => part === '' || one.part === part)
      const [first] = parts
      if (!first) return []
      const { service, version } = first
      return [
        {
          service,
          version,
          branches: branches(first),
          verb,
          parts: parts.map(tellContract),
          environments: running(first),
        },
      ]
    }),
  )
}

async function runningOf({ environments }: Pick<Reads, 'environments'>, names: readonly VersionName[]) {
  const services = [...new Set(names.map(({ service }) => service))]
  const all = (await Promise.all(services.map((service) => environments.currentOf(service)))).flat()
  const byVersion = Map.groupBy(all, ({ service, version }) => `${service} ${version}`)
  return ({ service, version }: VersionName) => [
    ...new Set((byVersion.get(`${service} ${version}`) ?? []).map(({ environment }) => environment)),
  ]
}

async function branchesOf({ services }: Pick<Reads, 'services'>, names: readonly VersionName[]) {
  const byService = [...Map.groupBy(names, ({ service }) => service)]
  const all = await Promise.all(
    byService.map(([service, some]) =>
      services.branches(
        service,
        some.map(({ version }) => version),
      ),
    ),
  )
  const byVersion = Map.groupBy(all.flat(), ({ service, version }) => `${service} ${version}`)
  return ({ service, version }: VersionName) =>
    (byVersion.get(`${service} ${version}`) ?? []).map(({ branch }) => branch)
}

function keyOfFirst([first]: readonly StoredContract[]): VersionName {
  return { service: first?.service ?? '', version: first?.version ?? '' }
}

function isVersion(value: unknown): value is VersionName {
  return hasTexts(value, ['service', 'version'])
}

function isField(value: unknown): value is FieldUse {
  return hasTexts(value, ['service', 'version', 'place', 'verb', 'part', 'at'])
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const members = new Map<string, unknown>(Object.entries(value))
  return names.every((name) => typeof members.get(name) === 'string')
}
