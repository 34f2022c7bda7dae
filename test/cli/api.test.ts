import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Api, type ApiOptions, createApi, pathTo } from '../../cli/api/client.ts'
import { listPages } from '../../cli/api/pages.ts'
import { Refused } from '../../cli/refused.ts'

/** A client for somebody who answers in any way. */
async function clientOf(answer: RequestListener, options: Partial<ApiOptions> = {}): Promise<Api> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return createApi({ url: `http://127.0.0.1:${port}`, timeoutMs: 5000, ...options })
}

async function refusalOf(api: Api): Promise<Refused> {
  const error: unknown = await api.get<{ answer: string }>('/api/x', 'answer').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(Refused)
  return error as Refused
}

test('an answer is what stands in it, and a token is sent along', async () => {
  const api = await clientOf(
    ({ headers, url, method }, reply) =>
      void reply.end(JSON.stringify({ answer: [method, url, headers.authorization] })),
    { token: 'secret' },
  )
  expect(await api.get('/api/x', 'answer', { a: 'b&c', d: undefined })).toEqual({
    answer: ['GET', '/api/x?a=b%26c', 'Bearer secret'],
  })
})

test.each([
  [404, 'wrongUsage'],
  [422, 'wrongUsage'],
  [409, 'no'],
  [401, 'wrongUsage'],
  [403, 'wrongUsage'],
  [408, 'failed'],
  [503, 'failed'],
])('a problem with the status %i ends a command as %s, with its sentence', async (status, exit) => {
  const problem = { type: 'urn:x', title: 'X', status, detail: 'It is not there.', code: 'x.unknown', near: ['y'] }
  const api = await clientOf((_, reply) => void reply.writeHead(status).end(JSON.stringify(problem)))
  const refusal = await refusalOf(api)
  expect(refusal).toMatchObject({ exit, code: 'x.unknown', message: 'It is not there. Did you mean "y"?' })
  expect(JSON.parse(JSON.stringify(refusal))).toEqual({ error: 'x.unknown', message: refusal.message, near: ['y'] })
})

test.each([
  ['HTML', 200, '<html>'],
  ['another answer', 200, '{"other":1}'],
  ['a list', 200, '[]'],
  ['another error', 500, '{"error":"x"}'],
  ['another path', 404, '{"error_code":404,"message":"HTTP 404 Not Found"}'],
])('%s is nothing that a registry says', async (_, status, text) => {
  const api = await clientOf((__, reply) => void reply.writeHead(status).end(text))
  expect(await refusalOf(api)).toMatchObject({
    exit: 'failed',
    code: 'registry.not-understood',
    message: expect.stringContaining(`answered ${status} with something that no schema registry says`),
  })
})

test('an answer that does not come is not waited for', async () => {
  const api = await clientOf(() => {}, { timeoutMs: 100 })
  expect(await refusalOf(api)).toMatchObject({
    code: 'registry.unreachable',
    message: expect.stringContaining('(no answer within 0.1 s)'),
  })
})

test('an answer that never ends is not read to its end', async () => {
  const chunk = Buffer.alloc(4 * 1024 * 1024, ' ')
  const api = await clientOf((_, reply) => {
    const pour = (): void => {
      while (reply.write(chunk)) if (reply.destroyed) return
    }
    reply.on('drain', pour)
    pour()
  })
  expect(await refusalOf(api)).toMatchObject({ message: expect.stringMatching(/answers with more than \d+ bytes/) })
})

test('a token follows nobody elsewhere', async () => {
  const seen: string[] = []
  const api = await clientOf(
    ({ url }, reply) => {
      seen.push(url ?? '')
      reply.writeHead(302, { location: '/elsewhere' }).end()
    },
    { token: 'secret' },
  )
  expect(await refusalOf(api)).toMatchObject({ code: 'registry.unreachable' })
  expect(seen).toEqual(['/api/x'])
})

test('a name from outside is one step of a path, whatever it says', () => {
  expect(pathTo('channels', 'http:a GET /b/{}#200')).toBe('/api/channels/http%3Aa%20GET%20%2Fb%2F%7B%7D%23200')
  for (const step of ['', '.', '..']) expect(() => pathTo('services', step)).toThrow(Refused)
})

/** One that refuses so many times, and then answers. */
function busy(times: number, status: number, retryAfter: string | undefined): RequestListener {
  let asked = 0
  return (_, reply) => {
    asked += 1
    if (asked > times) return void reply.end(JSON.stringify({ answer: asked }))
    reply.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
    reply.end(JSON.stringify({ code: 'store.busy', detail: 'Later.' }))
  }
}

describe('a registry that cannot answer now', () => {
  test.each([
    [503, '0'],
    [429, '0'],
    [503, new Date(0).toUTCString()],
  ])('with %i and Retry-After: %s is asked again, and that is told', async (status, retryAfter) => {
    const told: string[] = []
    const api = await clientOf(busy(2, status, retryAfter), { tell: (sentence) => told.push(sentence) })
    expect(await api.get('/api/x', 'answer')).toEqual({ answer: 3 })
    expect(told).toEqual([
      `The registry cannot answer now (${status}): asking again in 0 s (1 of 3).`,
      `The registry cannot answer now (${status}): asking again in 0 s (2 of 3).`,
    ])
  })

  test('is waited for as long as it says', async () => {
    const api = await clientOf(busy(1, 503, '1'))
    const started = performance.now()
    expect(await api.get('/api/x', 'answer')).toEqual({ answer: 2 })
    expect(performance.now() - started).toBeGreaterThan(990)
  })

  test.each<[string, RequestListener]>([
    ['that never ends', busy(9, 503, '0')],
    ['without saying when to come back', busy(1, 503, undefined)],
    ['for longer than one answer may take', busy(1, 503, '3600')],
    ['until nobody knows when', busy(1, 503, 'soon')],
  ])('%s ends a command with its sentence', async (_, answer) => {
    expect(await refusalOf(await clientOf(answer))).toMatchObject({ exit: 'failed', message: 'Later.' })
  })

  test('knows a write again by its key when it is asked again', async () => {
    const keys: unknown[] = []
    const answer = busy(1, 503, '0')
    const api = await clientOf((request, reply) => {
      keys.push(request.headers['idempotency-key'])
      answer(request, reply)
    })
    await api.put('/api/x', 'answer', {})
    await api.put('/api/x', 'answer', {})
    await api.get('/api/x', 'answer')
    await api.post('/api/x', 'answer', {})
    const [first, again, other, ...none] = keys
    expect(first).toMatch(/^[\da-f-]{36}$/)
    expect([again, none]).toEqual([first, [undefined, undefined]])
    expect(other).not.toBe(first)
  })

  test('is asked once only for what could be done twice', async () => {
    const api = await clientOf(busy(1, 503, '0'))
    await expect(api.post('/api/x', 'answer', {})).rejects.toThrow('Later.')
    expect(await api.post('/api/x', 'answer', {}, { isIdempotent: true })).toEqual({ answer: 2 })
  })
})

test('what a registry says cannot steer a terminal', async () => {
  const problem = { code: 'x.unknown', detail: 'a\u001b[2J\nb\u202e' }
  const api = await clientOf((_, reply) => void reply.writeHead(404).end(JSON.stringify(problem)))
  expect((await refusalOf(api)).message).toBe('a\\u001b[2J\\u000ab\\u202e')
})

test('a refusal of the Schema Registry API is told with its number', async () => {
  const body = JSON.stringify({ error_code: 40_401, message: 'No.' })
  const api = await clientOf((_, reply) => void reply.writeHead(404).end(body))
  expect(await refusalOf(api)).toMatchObject({ exit: 'wrongUsage', message: 'No.', details: { errorCode: 40_401 } })
})

/** Numbers up to 2,500, in pages, as the registry lists: `after` is the last of the page before. */
const numbers: RequestListener = ({ url = '' }, reply) => {
  const query = new URL(url, 'http://registry').searchParams
  const [after, limit] = [Number(query.get('after') ?? 0), Math.min(1000, Number(query.get('limit')))]
  const page = Array.from({ length: Math.min(limit, 2500 - after) }, (_, i) => after + i + 1)
  const last = page.at(-1) ?? 0
  reply.end(JSON.stringify({ numbers: page, ...(last < 2500 && { next: String(last) }) }))
}

describe('a list', () => {
  const wanted = { path: '/api/numbers', member: 'numbers', query: { service: 'a' } }

  test('is read to its end, over all of its pages', async () => {
    const { entries, isWhole } = await listPages<number>(await clientOf(numbers), wanted)
    expect([entries.length, entries.at(-1), isWhole]).toEqual([2500, 2500, true])
  })

  test.each([
    [1, false],
    [1200, false],
    [2500, true],
    [9000, true],
  ])('is read as far as %i entries', async (most, isWhole) => {
    const listed = await listPages<number>(await clientOf(numbers), { ...wanted, most })
    expect([listed.entries.length, listed.isWhole]).toEqual([Math.min(most, 2500), isWhole])
  })
})
