import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { openSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../registry/store/sqlite/open.ts'
import type { Case } from './harness.ts'
import { openLoad, type Request, zipf } from './http-load.ts'
import { fill } from './registry-data.ts'

const ROUND_MS = 800
const CONNECTIONS = 16
const SCHEMAS = 1_000
const TOKEN = 'a-token-for-measuring-and-for-nothing-else'
const PEER = 'the same routes with nothing around them'

/**
 * What the read rate keeps of itself when the registry counts, logs, asks for tokens and holds requests against rates. Beside
 * it, the processor's time for each answer, which tells the same on a machine that has other things to do.
 */
export async function cases(): Promise<readonly Case[]> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const store = await openSqliteStore(folder)
  await fill(store, SCHEMAS)
  await store.close()
  const plain = await openMeasured('plain', folder)
  const compare = async (kind: string, name: string, headers = {}): Promise<readonly Case[]> => {
    const measured = await openMeasured(kind, folder, headers)
    return [
      {
        name: `schema by id, ${name}`,
        unit: 'per s',
        better: 'higher',
        goal: 0.85,
        peer: PEER,
        ours: measured.rate,
        theirs: plain.rate,
      },
      {
        name: 'processor time of an answer meanwhile',
        unit: 'us',
        better: 'lower',
        goal: 1.17,
        peer: PEER,
        ours: measured.microseconds,
        theirs: plain.microseconds,
      },
    ]
  }
  const authorization = `Bearer ${TOKEN}`
  return [
    ...(await compare('observed', 'counted and logged')),
    ...(await compare('token', 'by token too', { authorization })),
    ...(await compare('limited', 'rate limited too')),
  ]
}

type Measured = { readonly rate: () => Promise<number>; readonly microseconds: () => Promise<number> }

async function openMeasured(kind: string, folder: string, headers = {}): Promise<Measured> {
  const { url, child } = await startServer(kind, folder)
  const load = openLoad(url, CONNECTIONS, headers)
  const rate = () => load.run(ROUND_MS, byId)
  const microseconds = async (): Promise<number> => {
    const [before, started] = [await processorTime(child), performance.now()]
    const answers = ((await rate()) * (performance.now() - started)) / 1000
    return ((await processorTime(child)) - before) / answers
  }
  return { rate, microseconds }
}

function byId(): Request {
  return { method: 'GET', path: `/schemas/ids/${zipf(SCHEMAS)}` }
}

type Started = { readonly url: string; readonly child: ChildProcess }

/** Runs until the benchmark ends. Its log goes to a file. */
async function startServer(kind: string, folder: string): Promise<Started> {
  const log = openSync(join(folder, `${kind}.log`), 'w')
  const file = join(import.meta.dirname, 'registry-observed-process.ts')
  const child = fork(file, [kind, folder, TOKEN], { stdio: ['ignore', 'inherit', log, 'ipc'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { url, child }
}

/** In microseconds, since the process began. */
async function processorTime(child: ChildProcess): Promise<number> {
  child.send('processor time')
  const [microseconds] = (await once(child, 'message')) as [number]
  return microseconds
}
