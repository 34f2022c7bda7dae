import { randomUUID } from 'node:crypto'
import { get } from 'node:http'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openPostgres } from '../../../examples/voting/database/postgres.ts'
import { requestIdOf } from '../../../examples/voting/vote-api/request-id.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { createDatabase } from '../../support/postgres.ts'
import { redisAt } from '../../support/stream.ts'
import { fieldsWritten, postVote, startVoteApi, type VoteApi } from '../../support/vote-api.ts'
import { waitFor } from '../../support/wait-for.ts'

const ORIGIN = 'http://127.0.0.1:3002'
let api: VoteApi

beforeAll(async () => {
  api = await startVoteApi({ corsOrigins: new Set([ORIGIN]) })
})
afterAll(() => api[Symbol.asyncDispose]())

describe('a vote', () => {
  test('without a key has a request of its own; with one it has the same each time', async () => {
    const key = randomUUID()
    for (const sent of [undefined, undefined, key, key, 'another key'])
      expect(await postVote(api, { option: 'cats' }, sent)).toMatchObject({ status: 201 })

    const ids = (await fieldsWritten(api.redis, 'votes')).map(({ request_id }) => request_id)
    expect(new Set(ids).size).toBe(4)
    expect(ids[2]).toBe(ids[3])
    expect(ids[2]).toBe(requestIdOf(key))
    expect(ids[2]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('under the key of a vote for another option is refused, and nothing is written', async () => {
    const key = randomUUID()
    expect((await postVote(api, { option: 'cats' }, key)).status).toBe(201)
    const before = await api.redis.xlen('votes')
    expect(await postVote(api, { option: 'dogs' }, key)).toEqual({
      status: 422,
      body: { message: 'This Idempotency-Key stands for another vote; take a new one.' },
    })
    expect(await api.redis.xlen('votes')).toBe(before)
    expect((await postVote(api, { option: 'cats' }, key)).status).toBe(201)
  })

  test('with a field that nobody declared is a vote', async () => {
    expect(await postVote(api, { option: 'cats', weight: 2 })).toMatchObject({ status: 201, body: { option: 'cats' } })
  })

  test.each([
    ['for birds', { option: 'birds' }, undefined, '/body/option'],
    ['that is a list', ['cats'], undefined, '/body'],
    ['with a key that is too long', { option: 'cats' }, 'k'.repeat(201), '/headers/Idempotency-Key'],
    ['with a key that has a tab in it', { option: 'cats' }, 'a\tb', '/headers/Idempotency-Key'],
  ])('%s is refused, and nothing is written', async (_what, vote, key, at) => {
    const before = await api.redis.xlen('votes')
    expect(await postVote(api, vote, key)).toMatchObject({ status: 400, body: { findings: [{ at }] } })
    expect(await api.redis.xlen('votes')).toBe(before)
  })

  test('that is no JSON, or too long, is refused with 400 and 413', async () => {
    const [broken, long] = await Promise.all([post('{"option":'), post(JSON.stringify({ option: 'c'.repeat(20_000) }))])
    expect([broken.status, long.status]).toEqual([400, 413])
  })
})

function post(body: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${api.url}/api/vote`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

test('the results have every option, and add up', async () => {
  await using other = await startVoteApi()
  const shown = async () => {
    const answer = await fetch(`${other.url}/api/results`)
    return { cache: answer.headers.get('cache-control'), body: await answer.json() }
  }
  expect(await shown()).toEqual({
    cache: 'public, max-age=1',
    body: {
      results: [
        { option: 'cats', count: 0, percentage: 0 },
        { option: 'dogs', count: 0, percentage: 0 },
      ],
      total_votes: 0,
      last_updated: null,
    },
  })

  const options = ['cats', 'dogs', 'dogs']
  const batch = options.map((option, i) => ({
    message: { option, request_id: randomUUID() },
    entry: { id: `${i + 1}-0`, fields: [] },
  }))
  await other.database.countVotes()(batch, { stream: 'votes', group: 'tally', isRepeat: false })
  expect((await shown()).body).toEqual({
    results: [
      { option: 'cats', count: 1, percentage: 33.3 },
      { option: 'dogs', count: 2, percentage: 66.7 },
    ],
    total_votes: 3,
    last_updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  })
})

describe('browsers', () => {
  test('pages of an allowed origin may vote, and no others', async () => {
    const [allowed, refused] = await Promise.all([preflight(ORIGIN), preflight('http://evil.example')])

    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(allowed.headers.get('access-control-allow-headers')).toContain('idempotency-key')
    expect(refused.status).toBe(404)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each(['/api/results', '/health', '/nothing'])('%s comes with the security headers', async (path) => {
    const { headers } = await fetch(api.url + path)
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })
})

function preflight(origin: string): Promise<Response> {
  return fetch(`${api.url}/api/vote`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'idempotency-key' },
  })
}

test('who asks too often is told when to come back; health and metrics are never refused', async () => {
  await using other = await startVoteApi({ requestsPerMinute: 3, corsOrigins: new Set([ORIGIN]) })
  const results = () => fetch(`${other.url}/api/results`, { headers: { origin: ORIGIN } })
  expect(await Promise.all([results(), results(), results()].map(async (answer) => (await answer).status))).toEqual([
    200, 200, 200,
  ])

  const refused = await results()
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN)
  expect(await refused.json()).toEqual({ message: expect.stringContaining('More than 3 requests') })
  expect((await postVote(other, { option: 'cats' })).status).toBe(429)
  expect((await fetch(`${other.url}/health`)).status).toBe(200)
})

test.each(['/%61pi/results', 'http://anywhere/api/results'])(
  'who writes the path as %s is counted too',
  async (path) => {
    await using other = await startVoteApi({ requestsPerMinute: 1 })
    const ask = () =>
      new Promise((resolve, reject) => {
        get(other.url, { path }, (answer) => resolve(answer.resume().statusCode)).once('error', reject)
      })
    expect([await ask(), await ask()]).toEqual([200, 429])
  },
)

test('while Redis does not confirm, votes get 503 and when to come back, and the API is alive and not ready', async () => {
  await using network = await startFaultProxy(Number(new URL(api.redisUrl).port))
  const redis = redisAt(network.url)
  await using other = await startVoteApi({ redis, deadlineMs: 200 })
  const key = randomUUID()
  expect((await postVote(other, { option: 'cats' }, key)).status).toBe(201)
  await waitFor('it to be ready', async () => (await fetch(`${other.url}/ready`)).status === 200, 15_000)

  network.freeze()
  const vote = await fetch(`${other.url}/api/vote`, {
    method: 'POST',
    body: '{"option":"cats"}',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  })
  const ready = await fetch(`${other.url}/ready`)
  expect({ status: vote.status, after: vote.headers.get('retry-after') }).toEqual({ status: 503, after: '1' })
  expect({ status: ready.status, body: await ready.json() }).toEqual({
    status: 503,
    body: { status: 'not ready', missing: ['Redis'] },
  })
  expect((await fetch(`${other.url}/health`)).status).toBe(200)

  network.heal()
  await waitFor('a confirmation', async () => (await postVote(other, { option: 'cats' }, key)).status === 201, 15_000)
})

test('while the database is away there are no results but 503, votes are taken all the same, and all comes back', async () => {
  await using postgres = await createDatabase(inject('postgresUrl'))
  await using network = await startFaultProxy(Number(new URL(postgres.url).port))
  const url = Object.assign(new URL(postgres.url), { port: String(network.port) }).href
  await using database = await openPostgres(url)
  const told: string[] = []
  await using other = await startVoteApi({ database, onError: ({ message }) => told.push(message) })
  const statuses = () =>
    Promise.all(
      ['/api/results', '/api/results/live', '/ready'].map(async (path) => {
        const { status, headers, body } = await fetch(other.url + path)
        await body?.cancel()
        return [status, headers.get('retry-after')]
      }),
    )
  await waitFor('all to be there', async () => (await fetch(`${other.url}/ready`)).status === 200, 15_000)
  expect(await statuses()).toEqual([200, 200, 200].map((status) => [status, null]))

  network.refuse()
  expect(await statuses()).toEqual([503, 503, 503].map((status) => [status, '1']))
  expect(told).toContainEqual(expect.stringMatching(/^GET \/api\/results was answered with 503: .*\w/))
  expect((await postVote(other, { option: 'cats' })).status).toBe(201)

  network.heal()
  await waitFor('the results', async () => (await statuses())[0]?.[0] === 200, 15_000)
})

test('its metrics tell of its requests and its votes', async () => {
  await postVote(api, { option: 'dogs' })
  const text = await (await fetch(`${api.url}/metrics`)).text()
  expect(text).toMatch(/^http_requests_total\{method="POST",route="\/api\/vote",status="201"\} \d+$/m)
  expect(text).toMatch(/^concordat_messages_produced_total\{channel="stream:votes",outcome="sent"\} \d+$/m)
})
