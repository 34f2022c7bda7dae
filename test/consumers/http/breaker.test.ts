import { describe, expect, test } from 'vitest'
import { type Break, BreakerOpen, httpClient } from '../../../consumers/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { GetPoll, poll, sendJson, startServer } from './server.ts'

/** A client of a server that answers with the status that is set; its breaker opens after two failures. */
async function start(options: Partial<Parameters<typeof httpClient>[0]> = {}) {
  const set = { status: 500 }
  const server = await startServer((response) => sendJson(response, set.status, { votes: 1 }))
  const told: Break[] = []
  const client = httpClient({
    baseUrl: server.url,
    retry: false,
    breaker: { inARow: 2, pauseMs: 100 },
    onBreak: (change) => told.push(change),
    ...options,
  })
  const ask = () =>
    client.call(GetPoll, poll).then(
      ({ status }) => status,
      (error: { code: string }) => error.code,
    )
  const askTimes = async (times: number) => {
    const ends: unknown[] = []
    for (let i = 0; i < times; i++) ends.push(await ask())
    return ends
  }
  const end = () => server[Symbol.asyncDispose]()
  return { set, server, client, told, ask, askTimes, [Symbol.asyncDispose]: end }
}

function fail(): never {
  throw new Error('hook')
}

const FAILED = 'response.status-undeclared'
const OPEN = 'call.breaker-open'

test('after so many failures in a row nothing is sent, and the error says when it will be again', async () => {
  await using it = await start()
  expect(await it.askTimes(4)).toEqual([FAILED, FAILED, OPEN, OPEN])
  expect(it.server.seen).toHaveLength(2)
  expect(it.told).toEqual([{ state: 'open', pauseMs: 100 }])
  const error = await it.client.call(GetPoll, poll).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(BreakerOpen)
  expect(String(error)).toMatch(
    /Nothing was sent to http:\S+, which has failed too often of late\. In \d+ ms one call is let through/,
  )
})

test('after the pause one call tries; when it is answered, all are let through', async () => {
  await using it = await start()
  await it.askTimes(2)
  it.set.status = 200
  const status = await waitFor('the pause to end', async () => (await it.ask()) === 200)
  expect(status).toBe(true)
  expect(await it.askTimes(2)).toEqual([200, 200])
  expect(it.told).toEqual([{ state: 'open', pauseMs: 100 }, { state: 'closed' }])
})

test('when the one that tries fails, there is another pause', async () => {
  await using it = await start()
  await it.askTimes(2)
  await waitFor('the pause to end', async () => (await it.ask()) === FAILED)
  expect(await it.ask()).toBe(OPEN)
  expect(it.server.seen).toHaveLength(3)
  expect(it.told).toEqual([
    { state: 'open', pauseMs: 100 },
    { state: 'open', pauseMs: 100 },
  ])
})

test('only one tries at a time, and one that is given up makes way for the next', async () => {
  let isSlow = false
  await using server = await startServer((response) => (isSlow ? undefined : sendJson(response, 500, {})))
  const client = httpClient({ baseUrl: server.url, retry: false, breaker: { inARow: 1, pauseMs: 1 } })
  await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: FAILED })
  isSlow = true
  const giveUp = new AbortController()
  await waitFor('the pause to end', () => server.seen.length === 1)
  const trying = waitFor('a try', () =>
    client
      .call(GetPoll, poll, { signal: giveUp.signal })
      .catch((error: { code?: string; message: string }) => error.code !== OPEN && error.message),
  )
  await waitFor('the try to arrive', () => server.seen.length === 2)
  await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: OPEN, retryAfterMs: 0 })
  giveUp.abort(new Error('enough'))
  expect(await trying).toBe('enough')
  isSlow = false
  await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: FAILED })
})

test('a share of failures opens it as well', async () => {
  await using it = await start({ breaker: { inARow: 100, window: 6, ratio: 0.4, pauseMs: 10_000 } })
  for (const status of [500, 200, 500, 200, 500, 200]) {
    it.set.status = status
    await it.ask()
  }
  expect(it.told).toEqual([])
  it.set.status = 500
  expect(await it.askTimes(2)).toEqual([FAILED, OPEN])
})

describe('what does not count as a failure', () => {
  test.each([404, 429])('an answer %d, declared or not', async (status) => {
    await using it = await start()
    it.set.status = status
    expect(await it.askTimes(4)).toEqual([FAILED, FAILED, FAILED, FAILED])
  })

  test('a call that is given up', async () => {
    await using server = await startServer(() => undefined)
    const client = httpClient({ baseUrl: server.url, retry: false, breaker: { inARow: 1 } })
    for (const nth of [1, 2, 3]) {
      const giveUp = new AbortController()
      const calling = client.call(GetPoll, poll, { signal: giveUp.signal })
      await waitFor('the request', () => server.seen.length === nth)
      giveUp.abort(new Error('enough'))
      await expect(calling).rejects.toThrow('enough')
    }
  })
})

test('calls that run out of time count', async () => {
  await using server = await startServer(() => undefined)
  const client = httpClient({ baseUrl: server.url, timeoutMs: 30, breaker: { inARow: 2 } })
  const ask = () => client.call(GetPoll, poll).catch((error: { code: string }) => error.code)
  expect([await ask(), await ask(), await ask()]).toEqual(['call.timed-out', 'call.timed-out', OPEN])
})

test('each try counts, so that trying again ends when the breaker opens', async () => {
  await using it = await start({ retry: { maxAttempts: 5, minMs: 1, maxMs: 1 } })
  it.set.status = 503
  expect(await it.ask()).toBe(OPEN)
  expect(it.server.seen).toHaveLength(2)
})

test('those that had begun before it opened change nothing', async () => {
  const waiting: (() => void)[] = []
  await using server = await startServer((response, _request, nth) =>
    nth === 1 ? waiting.push(() => sendJson(response, 200, { votes: 1 })) : sendJson(response, 500, {}),
  )
  const client = httpClient({ baseUrl: server.url, retry: false, breaker: { inARow: 2, pauseMs: 10_000 } })
  const early = client.call(GetPoll, poll)
  await waitFor('the first request', () => waiting.length === 1)
  for (let i = 0; i < 2; i++) await client.call(GetPoll, poll).catch(() => undefined)
  for (const answer of waiting) answer()
  expect(await early).toMatchObject({ status: 200 })
  await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: OPEN })
})

test('without a breaker everything is sent', async () => {
  await using it = await start({ breaker: false })
  await it.askTimes(8)
  expect(it.server.seen).toHaveLength(8)
})

test('a hook that throws stops nothing', async () => {
  await using it = await start({ onBreak: fail, onFinding: fail })
  expect(await it.askTimes(3)).toEqual([FAILED, FAILED, OPEN])
})

test('whoever finds it open learns how often the call was sent before', async () => {
  await using it = await start({ retry: { maxAttempts: 5, minMs: 1, maxMs: 1 } })
  it.set.status = 503
  const ask = () => it.client.call(GetPoll, poll)
  await expect(ask()).rejects.toMatchObject({
    code: OPEN,
    tries: 2,
    message: expect.stringContaining('This call had been sent 2 times before, and may have been done') as string,
  })
  await expect(ask()).rejects.toMatchObject({
    code: OPEN,
    tries: 0,
    message: expect.stringMatching(/^Nothing was sent/) as string,
  })
})
