import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { buildServer } from '../registry/server.ts'
import { openPostgresStore } from '../registry/store/postgres/open.ts'
import type { StoredContract } from '../registry/store/services.ts'
import { openSqliteStore } from '../registry/store/sqlite/open.ts'
import type { SchemaContent, Store, StoreRecord } from '../registry/store/store.ts'
import { startPostgres } from '../test/support/postgres.ts'
import type { Case } from './harness.ts'
import { contentOf, schemaText } from './registry-data.ts'

const SERVICES = 1000
const VERSIONS = 10
const ENVIRONMENTS = 20
const NEIGHBOURS = 300
/** Deployments of each service that have been replaced in the environment that is asked about. */
const ENDED = 20
/** Streams that the candidate writes; its neighbours read one of them each. */
const HUBS = 3

/** The gate and publishing over HTTP, without the socket: among 1,000 services with 50,000 contracts, on both stores. */
export async function cases(): Promise<readonly Case[]> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-bench-'))
  process.once('exit', () => void rm(folder, { recursive: true, force: true }))
  const { url } = await startPostgres({ isDurable: true })
  const stores = { SQLite: await openSqliteStore(folder), PostgreSQL: await openPostgresStore({ url }) }
  const all: Case[] = []
  for (const [form, store] of Object.entries(stores)) all.push(...(await casesOn(form, store)))
  return all
}

async function casesOn(form: string, store: Store): Promise<Case[]> {
  await fill(store)
  const app = buildServer({ store })
  let round = 0
  await publishCandidate(app, 'cached')
  return [
    {
      name: `can-i-deploy, ${NEIGHBOURS} neighbours, cached, ${form}`,
      unit: 'ms',
      better: 'lower',
      goal: 50,
      ours: () => timed(() => ask(app, 'cached')),
    },
    {
      name: `the same, by a registry just started, ${form}`,
      unit: 'ms',
      better: 'lower',
      goal: 50,
      ours: () => withNewServer(store, (fresh) => timed(() => ask(fresh, 'cached'))),
    },
    {
      name: `the same with no verdicts, ${form}`,
      unit: 'ms',
      better: 'lower',
      goal: 2000,
      ours: async () => {
        const version = `new-${form}-${round++}`
        await publishCandidate(app, version)
        return timed(() => ask(app, version))
      },
    },
    {
      name: `publish 100 contracts, ${form}`,
      unit: 'ms',
      better: 'lower',
      goal: 200,
      ours: () => timed(() => publishMany(app, `many-${round++}`)),
    },
  ]
}

async function withNewServer(store: Store, work: (app: FastifyInstance) => Promise<number>): Promise<number> {
  const app = buildServer({ store })
  await app.ready()
  try {
    return await work(app)
  } finally {
    await app.close()
  }
}

async function ask(app: FastifyInstance, version: string): Promise<void> {
  const response = await app.inject(`/api/can-i-deploy?service=candidate&version=${version}&to=env-0`)
  const { answer, compared } = response.json<{ answer: string; compared: { pairs: number } }>()
  if (answer !== 'yes' || compared.pairs !== NEIGHBOURS)
    throw new Error(`The gate answered otherwise: ${response.payload.slice(0, 500)}`)
}

function publishCandidate(app: FastifyInstance, version: string): Promise<void> {
  const writes = Array.from({ length: HUBS }, (_, i) => ({
    stream: `hub-${i}`,
    encoding: 'json',
    schema: schemaText(version, i),
  }))
  return publish(app, 'candidate', version, { writes })
}

function publishMany(app: FastifyInstance, version: string): Promise<void> {
  const writes = Array.from({ length: 100 }, (_, i) => ({ stream: `many-${i}`, schema: schemaText(version, i) }))
  return publish(app, 'many', version, { writes })
}

async function publish(app: FastifyInstance, service: string, version: string, body: object): Promise<void> {
  const url = `/api/services/${service}/versions/${version}/contracts`
  const response = await app.inject({ method: 'POST', url, payload: body })
  if (response.statusCode !== 201) throw new Error(response.payload.slice(0, 500))
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/** Every service reads a hub or the one before it, and writes four streams; each version runs in two environments. */
async function fill(store: Store): Promise<void> {
  for (let first = 0; first < SERVICES; first += 20) {
    const numbers = Array.from({ length: 20 }, (_, i) => first + i)
    const records = numbers.flatMap(recordsOf)
    await store.write(
      async (transaction) => void (await Promise.all(records.map((record) => transaction.restore(record)))),
    )
  }
  const last = SERVICES * VERSIONS * 5
  await store.write(async (transaction) => {
    await transaction.restore({ kind: 'counters', maxId: last })
    await transaction.restore({ kind: 'position', position: SERVICES * 1000 })
    for (let e = 0; e < ENVIRONMENTS; e++)
      await transaction.environments.putEnvironment({ name: `env-${e}`, production: false, policy: 'as-declared' })
  })
}

function recordsOf(number: number): StoreRecord[] {
  const service = `service-${number}`
  const position = number * 1000 + 1
  const versions = Array.from({ length: VERSIONS }, (_, v) => v)
  const contracts = versions.flatMap((v) => contractsOf(number, v))
  return [
    ...contracts.map(
      ({ schemaId, place, verb }): StoreRecord => ({
        kind: 'schema',
        schema: { ...contentAt(place, verb, schemaId), id: schemaId },
      }),
    ),
    { kind: 'service', service: { name: service, position, mainBranch: 'main' } },
    ...versions.map(
      (v): StoreRecord => ({
        kind: 'service-version',
        version: { service, version: `v${v}`, position: position + 1 + v, createdAt: 1, publishedAt: 1 },
      }),
    ),
    ...contracts.map((contract): StoreRecord => ({ kind: 'contract', contract })),
    ...Array.from(
      { length: ENDED },
      (_, i): StoreRecord => ({
        kind: 'deployment',
        deployment: {
          id: position + 200 + i,
          kind: 'deployment',
          environment: 'env-0',
          service,
          version: `v${i % VERSIONS}`,
          startedAt: 1,
          ended: position + 400 + i,
          endedAt: 2,
        },
      }),
    ),
    ...Array.from(
      { length: ENVIRONMENTS },
      (_, e): StoreRecord => ({
        kind: 'deployment',
        deployment: {
          id: position + 100 + e,
          kind: 'deployment',
          environment: `env-${e}`,
          service,
          version: `v${e % VERSIONS}`,
          startedAt: 1,
        },
      }),
    ),
  ]
}

/** Readers of a hub are all different, and each takes more than is written. */
function contentAt(place: string, verb: string, schemaId: number): SchemaContent {
  const content = contentOf(`${verb} ${place}`, schemaId)
  if (!place.startsWith('stream:hub-')) return content
  const wider = content.text
    .replaceAll('"maxLength":64', `"maxLength":${64 + schemaId}`)
    .replaceAll('"maximum":1000000', `"maximum":${1_000_000 + schemaId}`)
  const identity = createHash('sha256').update(wider).digest('hex')
  return { ...content, text: wider, identity, fingerprint: identity }
}

function contractsOf(number: number, v: number): StoredContract[] {
  const hub = number < NEIGHBOURS ? `stream:hub-${number % HUBS}` : `stream:out-${number - 1}-0`
  const places = [hub, ...Array.from({ length: 4 }, (_, i) => `stream:out-${number}-${i}`)]
  return places.map((place, i) => {
    const schemaId = (number * VERSIONS + v) * 5 + i + 1
    const verb = i === 0 ? 'reads' : 'writes'
    return {
      service: `service-${number}`,
      version: `v${v}`,
      place,
      verb,
      part: '',
      schemaId,
      fingerprint: contentAt(place, verb, schemaId).fingerprint,
      encoding: 'json',
      field: 'data',
      headers: 'off',
      guarded: true,
      external: false,
    }
  })
}
