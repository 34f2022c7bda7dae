import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresStore } from '../registry/store/postgres/open.ts'
import { openSqliteStore } from '../registry/store/sqlite/open.ts'
import type { AppendRequest } from '../registry/store/store.ts'
import { startPostgres } from '../test/support/postgres.ts'
import type { Case } from './harness.ts'
import { openLoad, type Request, zipf } from './http-load.ts'
import { openInserts } from './plain-inserts.ts'
import { contentOf, fill, schemaText } from './registry-data.ts'

const ROUND_MS = 800
const CLIENTS = 64

/** The registry over HTTP, with the server in a process of its own. */
export async function cases(): Promise<readonly Case[]> {
  return [
    ...(await starting()),
    ...(await reading(10_000)),
    ...(await registering()),
    ...(await registeringOnPostgres()),
  ]
}

/** The same with a million schemas in the store; filling it takes a minute or two, and 2 GB of disk. */
export async function millionCases(): Promise<readonly Case[]> {
  return reading(1_000_000)
}

async function reading(count: number): Promise<readonly Case[]> {
  const folder = await temporaryFolder()
  const store = await openSqliteStore(folder)
  await fill(store, count)
  await store.close()
  const [registry, bare] = await Promise.all([startServer('registry', folder), startServer('bare', '10000')])
  const [ours, theirs] = [openLoad(registry.url, 16), openLoad(bare.url, 16)]
  const byId = (most: number): Request => ({ method: 'GET', path: `/schemas/ids/${((zipf(count) - 1) % most) + 1}` })
  const name = `schema by id, ${count.toLocaleString('en')} in the store`
  return [
    {
      name,
      unit: 'per s',
      better: 'higher',
      goal: 0.85,
      peer: 'bare Fastify route, same bytes',
      ours: () => ours.run(ROUND_MS, () => byId(count)),
      theirs: () => theirs.run(ROUND_MS, () => byId(10_000)),
    },
    {
      name: `${name}: memory after`,
      unit: 'MB',
      better: 'lower',
      goal: 300,
      ours: async () => (await registry.figures()).rssMb,
    },
  ]
}

async function registering(): Promise<readonly Case[]> {
  const server = await startServer('registry', await temporaryFolder())
  const load = openLoad(server.url, CLIENTS)
  await setLevels(server.url)
  let loopP99Ms = 0
  const common = { unit: 'per s', better: 'higher' } as const
  return [
    {
      ...common,
      name: 'registrations on SQLite, 64 clients',
      goal: 2000,
      ours: async () => {
        await server.figures('reset')
        const rate = await load.run(ROUND_MS, nextRegistration)
        loopP99Ms = (await server.figures()).loopP99Ms
        return rate
      },
    },
    { name: 'event loop p99 meanwhile', unit: 'ms', better: 'lower', goal: 20, ours: () => loopP99Ms },
  ]
}

async function registeringOnPostgres(): Promise<readonly Case[]> {
  const { url } = await startPostgres({ isDurable: true })
  const [registry, insert] = await Promise.all([startServer('registry', url), startServer('insert', url)])
  await setLevels(registry.url)
  const [ours, theirs] = [openLoad(registry.url, CLIENTS), openLoad(insert.url, CLIENTS)]
  const store = await openPostgresStore({ url })
  const plain = await openInserts(url)
  const common = { unit: 'per s', better: 'higher' } as const
  return [
    {
      ...common,
      name: 'appends on PostgreSQL, 64 writers, no HTTP',
      goal: 0.5,
      peer: 'batched INSERT of the same rows',
      ours: () => repeat(async (number) => void (await store.append(nextAppend(number)))),
      theirs: () => repeat(async (number) => plain.insert(nextAppend(number).subject, schemaText('plain', number))),
    },
    {
      ...common,
      name: 'registrations on PostgreSQL, 64 clients',
      peer: 'bare Fastify route, batched INSERT',
      ours: () => ours.run(ROUND_MS, nextRegistration),
      theirs: () => theirs.run(ROUND_MS, nextRegistration),
    },
  ]
}

function nextAppend(number: number): AppendRequest {
  return { subject: `appended-${number}`, content: contentOf('appended', number), revision: 0 }
}

/** As many at a time as there are clients; answers how many a second. */
async function repeat(work: (number: number) => Promise<void>): Promise<number> {
  const started = performance.now()
  let count = 0
  const workers = Array.from({ length: CLIENTS }, async () => {
    for (; performance.now() - started < ROUND_MS; count++) await work(registered++)
  })
  await Promise.all(workers)
  return count / ((performance.now() - started) / 1000)
}

const SUBJECTS = 256
let registered = 0

/** Distinct schemas; the first half of the subjects is under BACKWARD, the other under NONE. */
function nextRegistration(): Request {
  const number = registered++
  const subject = number % SUBJECTS
  const body = JSON.stringify({ schemaType: 'JSON', schema: schemaText(`subject ${subject}`, number) })
  return { method: 'POST', path: `/subjects/${subjectName(subject)}/versions`, body }
}

function subjectName(subject: number): string {
  return `${subject < SUBJECTS / 2 ? 'checked' : 'free'}-${subject}`
}

async function setLevels(url: string): Promise<void> {
  for (let subject = 0; subject < SUBJECTS; subject++) {
    const compatibility = subject < SUBJECTS / 2 ? 'BACKWARD' : 'NONE'
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ compatibility })
    await fetch(`${url}/config/${subjectName(subject)}`, { method: 'PUT', headers, body })
  }
}

async function starting(): Promise<readonly Case[]> {
  const folder = await temporaryFolder()
  let rssMb = 0
  return [
    {
      name: 'from start to the first answer',
      unit: 'ms',
      better: 'lower',
      goal: 400,
      ours: async () => {
        const started = performance.now()
        const server = spawn(process.execPath, ['cli/main.ts', 'serve', '--json', '--port', '0', '--data', folder], {
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { ...process.env, NODE_COMPILE_CACHE: '.cache/compiled' },
        })
        const [line] = await once(server.stdout, 'data')
        const { listening } = JSON.parse(String(line)) as { listening: string }
        await (await fetch(`${listening}/subjects`)).text()
        const tookMs = performance.now() - started
        rssMb = await residentMb(server)
        server.kill()
        await once(server, 'exit')
        return tookMs
      },
    },
    { name: 'memory when idle', unit: 'MB', better: 'lower', goal: 120, ours: () => rssMb },
  ]
}

async function residentMb({ pid }: ChildProcess): Promise<number> {
  const ps = spawn('ps', ['-o', 'rss=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [kilobytes] = await once(ps.stdout, 'data')
  return Number(String(kilobytes).trim()) / 1000
}

type Figures = { readonly loopP99Ms: number; readonly rssMb: number }
type Server = { readonly url: string; readonly figures: (ask?: 'reset') => Promise<Figures> }

/** Runs until the benchmark ends. */
async function startServer(kind: 'registry' | 'bare' | 'insert', where: string): Promise<Server> {
  const child = fork(join(import.meta.dirname, 'registry-process.ts'), [kind, where])
  process.once('exit', () => child.kill('SIGKILL'))
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  // It keeps no benchmark from ending.
  child.unref()
  child.channel?.unref()
  const figures = async (ask?: 'reset'): Promise<Figures> => {
    child.send(ask ?? 'figures')
    child.ref()
    child.channel?.ref()
    const [answer] = (await once(child, 'message')) as [Figures]
    child.unref()
    child.channel?.unref()
    return answer
  }
  return { url, figures }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
