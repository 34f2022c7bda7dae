import { gzipSync } from 'node:zlib'
import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'vitest'
import { type BrokenCall, CallFailed, httpClient, ResponseRefused } from '../../../consumers/index.ts'
import { endpoint } from '../../../contracts/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import { GetPoll, poll, startRawServer, startServer } from './server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

describe('a response that the contract does not allow has an error of its own', () => {
  test.each([
    ['another status', 500, JSON_TYPE, '{"secret":1}', 'response.status-undeclared', ['status.undeclared']],
    ['an error page', 200, { 'content-type': 'text/html' }, '<h1>secret</h1>', 'response.not-json', ['body.not-json']],
    ['no content type', 200, {}, '{"votes":1}', 'response.not-json', ['body.not-json']],
    ['broken JSON', 200, JSON_TYPE, '{"votes": secret', 'response.malformed', ['field.not-json']],
    [
      'bytes that are no UTF-8',
      200,
      JSON_TYPE,
      Buffer.from([0x22, 0xff, 0x22]),
      'response.malformed',
      ['text.ill-formed'],
    ],
    ['a key that stands twice', 200, JSON_TYPE, '{"votes":1,"votes":2}', 'response.malformed', ['json.duplicate-key']],
    ['a number that is too large', 200, JSON_TYPE, '{"votes":1e400}', 'response.malformed', ['json.number-too-large']],
    [
      'nesting that is too deep',
      200,
      JSON_TYPE,
      '['.repeat(2_000) + ']'.repeat(2_000),
      'response.malformed',
      ['value.too-deep'],
    ],
    ['another shape', 200, JSON_TYPE, '{"votes":"secret"}', 'response.breaks-contract', ['value.wrong-type']],
    ['no body', 200, JSON_TYPE, '', 'response.breaks-contract', ['field.missing']],
    ['a larger body', 200, JSON_TYPE, `{"votes":1,"pad":"${'x'.repeat(6_000)}"}`, 'response.too-large', []],
  ] as const)('%s', async (_what, status, headers, body, code, findings) => {
    await using server = await startServer((response) => response.writeHead(status, headers).end(body))
    const broken: BrokenCall[] = []
    const client = httpClient({
      baseUrl: server.url,
      maxBodyBytes: 5_000,
      retry: false,
      onFinding: (found) => broken.push(found),
    })

    const error = await client.call(GetPoll, poll).catch((caught: unknown) => caught)

    expect(error).toBeInstanceOf(ResponseRefused)
    expect(error).toMatchObject({ code, status, findings: findings.map((finding) => ({ code: finding })) })
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('secret')
    expect(broken).toMatchObject([{ contract: 'GetPoll', side: 'response', status }])
  })
})

const whole = (text: string) => `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${text}`

describe('a response that is no HTTP, or never whole, is no answer', () => {
  test.each([
    ['fewer bytes than announced', whole('content-length: 100\r\n\r\n{"votes":1}')],
    ['a chunk of no length', whole('transfer-encoding: chunked\r\n\r\nzz\r\n{"votes":1}\r\n0\r\n\r\n')],
    ['chunks without an end', whole('transfer-encoding: chunked\r\n\r\nb\r\n{"votes":1}\r\n')],
    ['two lengths', whole('content-length: 11\r\ncontent-length: 12\r\n\r\n{"votes":1}')],
    ['huge headers', whole(`x-pad: ${'x'.repeat(100_000)}\r\ncontent-length: 11\r\n\r\n{"votes":1}`)],
    ['no gzip where it says so', whole('content-encoding: gzip\r\ncontent-length: 11\r\n\r\n{"votes":1}')],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['nothing', ''],
  ])('%s', async (_what, bytes) => {
    await using server = await startRawServer((socket) => socket.end(bytes))
    const error = await httpClient({ baseUrl: server.url, retry: false })
      .call(GetPoll, poll)
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(CallFailed)
    expect(error).toMatchObject({ code: 'call.no-answer', cause: expect.any(Error) as Error })
    expect(String(error)).toMatch(
      /^CallFailed: GetPoll \(GET \/polls\/:poll\) of http:\/\/127\.0\.0\.1:\d+ got no answer: \S/,
    )
  })
})

test('a port where nobody listens is no answer, and says so', async () => {
  const { url } = await startServer(() => undefined).then(async (server) => {
    await server[Symbol.asyncDispose]()
    return server
  })
  await expect(httpClient({ baseUrl: url, retry: false }).call(GetPoll, poll)).rejects.toThrow(
    'got no answer: ECONNREFUSED',
  )
})

const circle = new Error('round')
circle.cause = circle

test.each([
  ['nothing', undefined, 'got no answer: undefined'],
  ['what has no text', Object.create(null), 'got no answer: something without a text was thrown'],
  ['an error that is its own cause', circle, 'got no answer: round'],
  [
    'an error whose code has no text',
    Object.assign(new Error('it'), { code: Object.create(null) as object }),
    'got no answer: something',
  ],
])('what sends may fail with %s', async (_what, thrown: unknown, words) => {
  const client = httpClient({ baseUrl: 'http://votes.test', fetch: () => Promise.reject(thrown), retry: false })
  await expect(client.call(GetPoll, poll)).rejects.toThrow(words)
})

test('a 204 that carries a body all the same has none', async () => {
  const Drop = endpoint('Drop', { method: 'DELETE', path: '/', responses: { 204: null } })
  await using server = await startRawServer((socket) =>
    socket.end('HTTP/1.1 204 No Content\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"votes":1}'),
  )
  const { status, bytes } = await httpClient({ baseUrl: server.url, retry: false }).call(Drop)
  expect([status, bytes.length]).toEqual([204, 0])
})

describe('a body is read up to its limit and no further', () => {
  const Export = endpoint('Export', { method: 'GET', path: '/', responses: { 200: null } })

  test('one without an end is given up, and so is its connection', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const seen = { sent: 0, isClosed: false }
    await using server = await startServer((response) => {
      response.writeHead(200, JSON_TYPE).on('close', () => (seen.isClosed = true))
      const more = (): void => {
        while (!seen.isClosed && response.write(chunk)) seen.sent += chunk.length
        response.once('drain', more)
      }
      more()
    })
    await expect(httpClient({ baseUrl: server.url }).call(GetPoll, poll)).rejects.toMatchObject({
      code: 'response.too-large',
    })
    await waitFor('the connection to be closed', () => seen.isClosed)
    expect(seen.sent).toBeLessThan(40 * 1024 * 1024)
  })

  test('what unpacks to more than that is given up', async () => {
    // gzip files one after the other are one
    const bomb = Buffer.concat(Array.from({ length: 50 }, () => TEN_MEGABYTES))
    const headers = { 'content-encoding': 'gzip', 'content-length': bomb.length }
    await using server = await startServer((response) => response.writeHead(200, headers).end(bomb))
    const before = process.memoryUsage().arrayBuffers
    await expect(httpClient({ baseUrl: server.url }).call(Export)).rejects.toMatchObject({ code: 'response.too-large' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 1024 * 1024)
  })

  test('one that is announced as larger is not read at all', async () => {
    await using server = await startServer((response) =>
      response.writeHead(200, { 'content-length': 11 * 1024 * 1024 }).write('x'),
    )
    await expect(httpClient({ baseUrl: server.url }).call(Export)).rejects.toMatchObject({ code: 'response.too-large' })
  })

  test.each([0, 1, 999, 1_000])('one of %d bytes that comes byte by byte is read', async (length) => {
    const text = 'x'.repeat(length)
    const send = async () => new Response(bytewise(text), { status: 200 })
    const { bytes } = await httpClient({ baseUrl: 'http://votes.test', fetch: send, maxBodyBytes: 1_000 }).call(Export)
    expect(Buffer.from(bytes).toString()).toBe(text)
  })

  test('one that comes byte by byte without an end is given up', async () => {
    const text = 'x'.repeat(5_000)
    const send = async () => new Response(bytewise(text), { status: 200 })
    const client = httpClient({ baseUrl: 'http://votes.test', fetch: send, maxBodyBytes: 1_000 })
    await expect(client.call(Export)).rejects.toMatchObject({ code: 'response.too-large' })
  })
})

const TEN_MEGABYTES = gzipSync(Buffer.alloc(10 * 1024 * 1024))

function bytewise(text: string): ReadableStream<Uint8Array> {
  let sent = 0
  return new ReadableStream({
    pull: (controller) => {
      if (sent === text.length) controller.close()
      else controller.enqueue(Buffer.from(text[sent++] ?? ''))
    },
  })
}

describe('a call ends in its time', () => {
  test('when the headers do not come', async () => {
    await using server = await startServer(() => undefined)
    const client = httpClient({ baseUrl: server.url, timeoutMs: 100 })
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'call.timed-out' })
    await expect(client.call(GetPoll, poll, { timeoutMs: 50 })).rejects.toThrow('was not answered within 50 ms')
  })

  test('when the body does not end', async () => {
    await using server = await startServer((response) => response.writeHead(200, JSON_TYPE).write('{"votes":'))
    const client = httpClient({ baseUrl: server.url, timeoutMs: 100 })
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'call.timed-out' })
  })

  test('when what sends it, and the body, know nothing of the signal', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
    const send = async () => new Response(body, { headers: JSON_TYPE })
    const client = httpClient({ baseUrl: 'http://votes.test', fetch: send, timeoutMs: 50 })
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'call.timed-out' })
  })

  test.each([
    ['what sends it', { fetch: () => new Promise<Response>(() => undefined) }],
    ['what gives the headers', { headers: () => new Promise<Record<string, string>>(() => undefined) }],
  ])('when %s never comes back', async (_what, options) => {
    const client = httpClient({ baseUrl: 'http://votes.test', timeoutMs: 50, ...options })
    await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'call.timed-out' })
    const giveUp = AbortSignal.timeout(10)
    await expect(client.call(GetPoll, poll, { signal: giveUp })).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test("when its caller gives it up, with the caller's own reason", async () => {
    await using server = await startServer(() => undefined)
    const client = httpClient({ baseUrl: server.url })
    const giveUp = new AbortController()
    const calling = client.call(GetPoll, poll, { signal: giveUp.signal })
    await waitFor('the request', () => server.seen.length === 1)
    giveUp.abort(new Error('enough'))
    await expect(calling).rejects.toThrow('enough')
    await expect(client.call(GetPoll, poll, { signal: giveUp.signal })).rejects.toThrow('enough')
    expect(server.seen).toHaveLength(1)
  })
})

test('responses of one status may differ in each branch of a union, and all of it is judged', async () => {
  const Find = endpoint('Find', {
    method: 'GET',
    path: '/',
    responses: { 200: Type.Union([Type.Object({ id: Type.Integer() }), Type.Object({ name: Type.String() })]) },
  })
  await using server = await startServer((response) => response.writeHead(200, JSON_TYPE).end('{"other":1}'))
  await expect(httpClient({ baseUrl: server.url }).call(Find)).rejects.toMatchObject({
    code: 'response.breaks-contract',
  })
})
