import { describe, expect, test } from 'vitest'
import { pauseBetween, retryAfterMs } from '../../../consumers/http/retry.ts'
import { httpClient } from '../../../consumers/index.ts'
import { endpoint } from '../../../contracts/index.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { fc } from '../../support/property.ts'
import { waitFor } from '../../support/wait-for.ts'
import { GetPoll, PostVote, poll, sendJson, startServer, vote } from './server.ts'

const quick = { minMs: 1, maxMs: 2 }

describe('a call that may be repeated is tried again', () => {
  test.each([429, 502, 503, 504])('after a %d', async (status) => {
    await using server = await startServer((response, _request, nth) =>
      nth < 3 ? sendJson(response, status, {}) : sendJson(response, 200, { votes: nth }),
    )
    const { body } = await httpClient({ baseUrl: server.url, retry: quick }).call(GetPoll, poll)
    expect(body).toEqual({ votes: 3 })
  })

  test.each(['swallowNext', 'dropNext'] as const)('after a connection that was cut: %s', async (fault) => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 1 }))
    await using proxy = await startFaultProxy(server.port)
    const client = httpClient({ baseUrl: `http://127.0.0.1:${proxy.port}`, retry: quick })
    proxy[fault]('/polls/')
    expect((await client.call(GetPoll, poll)).body).toEqual({ votes: 1 })
    expect(proxy.armed()).toBe(0)
  })

  test('after a body that was cut', async () => {
    await using server = await startServer((response, _request, nth) =>
      nth === 1
        ? response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy())
        : sendJson(response, 200, { votes: nth }),
    )
    const { body } = await httpClient({ baseUrl: server.url, retry: quick }).call(GetPoll, poll)
    expect(body).toEqual({ votes: 2 })
  })

  test('whatever its method, when it has an idempotency key, and with the same one', async () => {
    await using server = await startServer((response, _request, nth) =>
      nth === 1 ? sendJson(response, 503, {}) : sendJson(response, 201, { id: nth }),
    )
    const client = httpClient({ baseUrl: server.url, retry: quick })
    expect((await client.call(PostVote, vote, { idempotencyKey: 'k' })).body).toEqual({ id: 2 })
    expect(server.seen.map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual([
      ['k', '{"option":"dogs"}'],
      ['k', '{"option":"dogs"}'],
    ])
  })

  test('until no try is left: then the last answer counts, as the contract has it', async () => {
    const Busy = endpoint('Busy', { method: 'GET', path: '/', responses: { 503: null } })
    await using server = await startServer((response) => response.writeHead(503).end())
    const client = httpClient({ baseUrl: server.url, retry: { ...quick, maxAttempts: 4 }, breaker: false })
    expect(await client.call(Busy)).toMatchObject({ status: 503 })
    expect(server.seen).toHaveLength(4)
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'response.status-undeclared', status: 503 })
    expect(server.seen).toHaveLength(8)
  })
})

describe('where a try has a time of its own', () => {
  test('one that hangs costs no more than that', async () => {
    await using server = await startServer((response, _request, nth) =>
      nth === 1 ? undefined : sendJson(response, 200, { votes: nth }),
    )
    const client = httpClient({ baseUrl: server.url, tryTimeoutMs: 50, retry: quick })
    expect((await client.call(GetPoll, poll)).body).toEqual({ votes: 2 })
  })

  test('a call that may not be repeated ends with it', async () => {
    await using server = await startServer(() => undefined)
    const client = httpClient({ baseUrl: server.url, tryTimeoutMs: 50, retry: quick })
    await expect(client.call(PostVote, vote)).rejects.toThrow('was not answered within 50 ms')
    expect(server.seen).toHaveLength(1)
  })

  test('the whole call still has its own', async () => {
    await using server = await startServer(() => undefined)
    const client = httpClient({
      baseUrl: server.url,
      tryTimeoutMs: 60,
      timeoutMs: 100,
      retry: { ...quick, maxAttempts: 9 },
    })
    await expect(client.call(GetPoll, poll)).rejects.toThrow('was not answered within 100 ms')
    const signal = AbortSignal.timeout(20)
    await expect(client.call(GetPoll, poll, { signal })).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})

describe('a call is not tried again', () => {
  test('when doing it twice would matter', async () => {
    await using server = await startServer((response) => sendJson(response, 503, {}))
    const client = httpClient({ baseUrl: server.url, retry: quick })
    await expect(client.call(PostVote, vote)).rejects.toMatchObject({ status: 503 })
    expect(server.seen).toHaveLength(1)
  })

  test('when its answer breaks the contract', async () => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 'many' }))
    const client = httpClient({ baseUrl: server.url, retry: quick })
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'response.breaks-contract' })
    expect(server.seen).toHaveLength(1)
  })

  test('when nobody wants it', async () => {
    await using server = await startServer((response) => sendJson(response, 503, {}))
    await expect(httpClient({ baseUrl: server.url, retry: false }).call(GetPoll, poll)).rejects.toMatchObject({
      status: 503,
    })
    expect(server.seen).toHaveLength(1)
  })

  test('when the server asks for more time than there is', async () => {
    await using server = await startServer((response) => response.writeHead(503, { 'retry-after': '30' }).end())
    const client = httpClient({ baseUrl: server.url, retry: quick, timeoutMs: 5_000 })
    const started = performance.now()
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ status: 503 })
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(server.seen).toHaveLength(1)
  })

  test('when its caller gives it up in a pause', async () => {
    await using server = await startServer((response) => response.writeHead(503, { 'retry-after': '5' }).end())
    const client = httpClient({ baseUrl: server.url, retry: quick })
    const giveUp = new AbortController()
    const calling = client.call(GetPoll, poll, { signal: giveUp.signal })
    await waitFor('the first try', () => server.seen.length === 1)
    giveUp.abort(new Error('enough'))
    await expect(calling).rejects.toThrow('enough')
    expect(server.seen).toHaveLength(1)
  })
})

test('as long as the server asks for, there is a pause', async () => {
  await using server = await startServer((response, _request, nth) =>
    nth === 1 ? response.writeHead(429, { 'retry-after': '1' }).end() : sendJson(response, 200, { votes: 1 }),
  )
  const started = performance.now()
  await httpClient({ baseUrl: server.url, retry: quick }).call(GetPoll, poll)
  expect(performance.now() - started).toBeGreaterThanOrEqual(990)
})

test('Retry-After is read in seconds and as a date; anything else asks for nothing', () => {
  const soon = new Date(Date.now() + 60_000).toUTCString()
  const texts = ['0', '2', soon, 'Fri, 31 Dec 1999 23:59:59 GMT', 'soon', '-1', '']
  const asked = texts.map((text) => Math.round(retryAfterMs(new Headers({ 'retry-after': text })) / 2_000) * 2_000)
  expect([...asked, retryAfterMs(new Headers())]).toEqual([0, 2_000, 60_000, 0, 0, 0, 0, 0])
})

test('a pause lies between nothing and a bound that doubles, and is never shorter than asked for', () => {
  const property = fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(10_000), (attempt, askedMs) => {
    const ms = pauseBetween(attempt, { minMs: 100, maxMs: 5_000 }, askedMs)
    expect(ms).toBeGreaterThanOrEqual(askedMs)
    expect(ms).toBeLessThanOrEqual(Math.max(askedMs, Math.min(5_000, 100 * 2 ** (attempt - 1))))
  })
  fc.assert(property)
})

describe('behind a network that fails', () => {
  test('a half-open connection ends in time, and the next call makes a new one', async () => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 1 }))
    await using proxy = await startFaultProxy(server.port)
    const client = httpClient({ baseUrl: `http://127.0.0.1:${proxy.port}`, timeoutMs: 200 })
    await client.call(GetPoll, poll)
    proxy.freeze()
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'call.timed-out' })
    proxy.heal()
    expect((await client.call(GetPoll, poll, { timeoutMs: 5_000 })).body).toEqual({ votes: 1 })
  })

  test('what was done and never answered is done once more only with a key', async () => {
    await using server = await startServer((response, _request, nth) => sendJson(response, 201, { id: nth }))
    await using proxy = await startFaultProxy(server.port)
    const client = httpClient({ baseUrl: `http://127.0.0.1:${proxy.port}`, retry: quick })
    proxy.swallowNext('/polls/')
    await expect(client.call(PostVote, vote)).rejects.toMatchObject({ code: 'call.no-answer' })
    expect(server.seen).toHaveLength(1)
    proxy.swallowNext('/polls/')
    expect((await client.call(PostVote, vote, { idempotencyKey: 'k' })).body).toEqual({ id: 3 })
  })

  test('an answer that comes late, but in time, is an answer', async () => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 1 }))
    await using proxy = await startFaultProxy(server.port)
    proxy.delay(150)
    const client = httpClient({ baseUrl: `http://127.0.0.1:${proxy.port}` })
    expect((await client.call(GetPoll, poll)).body).toEqual({ votes: 1 })
    await expect(client.call(GetPoll, poll, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'call.timed-out' })
  })

  test('while every connection is refused there is no answer, and afterwards there is', async () => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 1 }))
    await using proxy = await startFaultProxy(server.port)
    const client = httpClient({ baseUrl: `http://127.0.0.1:${proxy.port}`, retry: quick })
    proxy.refuse()
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'call.no-answer' })
    proxy.heal()
    expect((await client.call(GetPoll, poll)).body).toEqual({ votes: 1 })
  })
})
