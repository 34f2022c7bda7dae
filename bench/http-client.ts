import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { Type } from '@sinclair/typebox'
import { httpClient } from '../consumers/index.ts'
import { endpoint } from '../contracts/index.ts'
import type { Case } from './harness.ts'

const PostVote = endpoint('PostVote', {
  provider: 'vote-api',
  method: 'POST',
  path: '/polls/{poll}/votes',
  request: {
    path: { poll: Type.Integer() },
    query: { dry: Type.Optional(Type.Boolean()) },
    headers: { 'x-request': Type.String() },
    body: { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]), weight: Type.Integer({ minimum: 1 }) },
  },
  responses: {
    201: {
      message: Type.String(),
      option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
      stream_id: Type.String({ pattern: '^\\d+-\\d+$' }),
    },
  },
})

const parts = {
  path: { poll: 12 },
  query: { dry: false },
  headers: { 'x-request': 'b7f7c2f0' },
  body: { option: 'dogs', weight: 3 },
} as const
const ANSWER = JSON.stringify({ message: 'Your vote for dogs counts.', option: 'dogs', stream_id: '1700000000000-0' })
const ANSWER_HEADERS = { 'content-type': 'application/json; charset=utf-8' }
const CALLS = 1_000

/** What a call with its checks, its time-out and its breaker adds to a bare fetch that checks nothing. */
export async function cases(): Promise<readonly Case[]> {
  const baseUrl = await startServer()
  return [
    beyond({ name: 'an HTTP call on an open connection, beyond fetch', baseUrl, fetch, goal: 30 }),
    beyond({ name: 'an HTTP call whose answer is there, beyond fetch', baseUrl, fetch: ready }),
  ]
}

function ready(): Promise<Response> {
  return Promise.resolve(new Response(ANSWER, { status: 201, headers: ANSWER_HEADERS }))
}

type Beyond = {
  readonly name: string
  readonly baseUrl: string
  readonly fetch: typeof fetch
  readonly goal?: number
}

/** They take turns, so that both meet the same machine. */
function beyond({ name, baseUrl, fetch: send, goal }: Beyond): Case {
  const client = httpClient({ baseUrl, fetch: send })
  const guarded = () => client.call(PostVote, parts)
  const bare = async () => {
    const { path, query, headers, body } = parts
    const response = await send(`${baseUrl}/polls/${path.poll}/votes?dry=${query.dry}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return response.json()
  }
  return {
    name,
    unit: 'us',
    better: 'lower',
    ...(goal === undefined ? {} : { goal }),
    ours: async () => {
      const [ours, theirs]: [number[], number[]] = [[], []]
      for (let i = 0; i < CALLS; i++) {
        ours.push(await microseconds(guarded))
        theirs.push(await microseconds(bare))
      }
      return median(ours) - median(theirs)
    },
  }
}

/** In a thread of its own, so that answering takes no time from asking. */
async function startServer(): Promise<string> {
  const worker = new Worker(import.meta.filename)
  const [port] = (await once(worker, 'message')) as [number]
  return `http://127.0.0.1:${port}`
}

if (!isMainThread) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(201, ANSWER_HEADERS).end(ANSWER))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  parentPort?.postMessage((server.address() as AddressInfo).port)
}

async function microseconds(work: () => Promise<unknown>): Promise<number> {
  const started = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - started) / 1e3
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
