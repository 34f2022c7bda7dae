import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Case } from './harness.ts'
import { openLoad, type Request } from './http-load.ts'

const SLICE_MS = 60
const SLICES = 8
const CONNECTIONS = 16

/** What the guard of a route costs against Fastify's own schemas, and against nothing, over sockets of this machine. */
export async function cases(): Promise<readonly Case[]> {
  const [guarded, schemas, none] = await Promise.all([start('guarded'), start('schemas'), start('none')])
  const vote: Request = { method: 'POST', path: '/api/vote', body: '{"option":"dogs"}' }
  const post: Request = { method: 'POST', path: '/shops/berlin/orders', body: guarded.body }
  const list: Request = { method: 'GET', path: '/shops/berlin/orders?page=1&state=open&state=paid' }
  return [
    { name: 'a guarded POST of a vote', asked: vote },
    { name: 'a guarded POST of an order', asked: post },
    { name: 'a guarded GET of ten orders', asked: list },
  ].flatMap(({ name, asked }): Case[] => [
    { ...compared(guarded, schemas, rateOf, asked), name, peer: OWN, unit: 'per s', better: 'higher', goal: 0.95 },
    {
      ...compared(guarded, none, rateOf, asked),
      name,
      peer: 'no schemas',
      unit: 'per s',
      better: 'higher',
      goal: 0.85,
    },
    { ...compared(guarded, schemas, cpuUsOf, asked), name: `${name}: CPU`, peer: OWN, unit: 'us', better: 'lower' },
    {
      ...compared(guarded, none, cpuUsOf, asked),
      name: `${name}: CPU`,
      peer: 'no schemas',
      unit: 'us',
      better: 'lower',
    },
  ])
}

const OWN = "Fastify's own schemas"

type Figure = (slices: readonly Slice[]) => number

/** Both take short turns, so that they meet the same machine; the peer's figure is from the same round as ours. */
function compared(ours: Server, theirs: Server, figure: Figure, asked: Request): Pick<Compared, 'ours' | 'theirs'> {
  let peer = Number.NaN
  return {
    ours: async () => {
      const [mine, others]: [Slice[], Slice[]] = [[], []]
      for (let slice = 0; slice < SLICES; slice++) {
        mine.push(await ours.run(asked))
        others.push(await theirs.run(asked))
      }
      peer = figure(others)
      return figure(mine)
    },
    theirs: () => peer,
  }
}

type Compared = Extract<Case, { readonly peer: string }>

/** Answers, the time that they took, and what they took of the server's processor. */
type Slice = { readonly count: number; readonly tookMs: number; readonly cpuUs: number }
type Server = { readonly body: string; readonly run: (asked: Request) => Promise<Slice> }

function rateOf(slices: readonly Slice[]): number {
  return (1000 * sum(slices, 'count')) / sum(slices, 'tookMs')
}

function cpuUsOf(slices: readonly Slice[]): number {
  return sum(slices, 'cpuUs') / sum(slices, 'count')
}

function sum(slices: readonly Slice[], what: keyof Slice): number {
  return slices.reduce((total, slice) => total + slice[what], 0)
}

/** Runs until the benchmark ends. */
async function start(kind: 'guarded' | 'schemas' | 'none'): Promise<Server> {
  const child = fork(join(import.meta.dirname, 'http-guards-process.ts'), [kind])
  process.once('exit', () => child.kill('SIGKILL'))
  const [{ url, body }] = (await once(child, 'message')) as [{ url: string; body: string }]
  const load = openLoad(url, CONNECTIONS)
  const spentUs = async () => {
    child.send('cpu')
    const [answer] = (await once(child, 'message')) as [{ cpuUs: number }]
    return answer.cpuUs
  }
  const run = async (asked: Request): Promise<Slice> => {
    const before = await spentUs()
    let count = 0
    const started = performance.now()
    await load.run(SLICE_MS, () => {
      count++
      return asked
    })
    const tookMs = performance.now() - started
    return { count, tookMs, cpuUs: (await spentUs()) - before }
  }
  return { body, run }
}
