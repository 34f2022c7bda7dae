import { Type } from '@sinclair/typebox'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type BrokenCall, CallRefused, httpClient } from '../../../consumers/index.ts'
import { type EndpointContract, endpoint } from '../../../contracts/index.ts'
import { fc } from '../../support/property.ts'
import { GetPoll, PostVote, poll, sendJson, startServer, vote } from './server.ts'

test('a call sends what the contract says and answers with what came back', async () => {
  await using server = await startServer((response) => sendJson(response, 201, { id: 7 }))
  const client = httpClient({ baseUrl: server.url })

  const answer = await client.call(PostVote, {
    path: { poll: 'a b/c' },
    query: { dry: true, tag: ['x', 'y&z'] },
    headers: { 'X-Request': 'r1', 'x-tag': ['t1', 't2'] },
    body: { option: 'dogs', weight: 2 },
  })

  expect(answer).toMatchObject({ status: 201, body: { id: 7 } })
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(server.seen).toMatchObject([
    {
      method: 'POST',
      url: '/polls/a%20b%2Fc/votes?dry=true&tag=x&tag=y%26z',
      headers: { accept: 'application/json', 'content-type': 'application/json', 'x-request': 'r1', 'x-tag': 't1, t2' },
      body: '{"option":"dogs","weight":2}',
    },
  ])
})

test('the status tells which body it is', async () => {
  await using server = await startServer((response) => sendJson(response, 409, { why: 'closed' }))
  const answer = await httpClient({ baseUrl: server.url }).call(PostVote, vote)
  const told: string = answer.status === 409 ? answer.body.why : `vote ${answer.body.id}`
  expect(told).toBe('closed')
})

test('the types of a call are those of its contract', () => {
  const { call } = httpClient({ baseUrl: 'https://votes.test' })
  const post = () => call(PostVote, vote)
  const get = () => call(GetPoll, poll)
  const untyped = (contract: EndpointContract) => call(contract)
  expectTypeOf<Extract<Awaited<ReturnType<typeof post>>, { status: 201 }>['body']['id']>().toEqualTypeOf<number>()
  expectTypeOf<Extract<Awaited<ReturnType<typeof get>>, { status: 304 }>['bytes']>().toEqualTypeOf<Uint8Array>()
  expectTypeOf<Awaited<ReturnType<typeof post>>['status']>().toEqualTypeOf<201 | 409>()
  expectTypeOf<Awaited<ReturnType<typeof untyped>>['status']>().toEqualTypeOf<number>()
  // @ts-expect-error -- the contract describes parts
  const without = () => call(PostVote)
  // @ts-expect-error -- the contract knows no mice
  const wrong = () => call(PostVote, { ...vote, body: { option: 'mice' } })
  expect([post, get, untyped, without, wrong]).toHaveLength(5)
})

test('parts in which nothing is required may be left out', async () => {
  const request = { query: { page: Type.Optional(Type.Integer()) }, headers: { 'X-Tag': Type.Optional(Type.String()) } }
  const List = endpoint('List', { provider: 'votes', method: 'GET', path: '/votes', request, responses: { 200: {} } })
  await using server = await startServer((response) => sendJson(response, 200, {}))
  const { call } = httpClient({ baseUrl: server.url })
  await call(List)
  await call(List, { query: { page: 2 } })
  expect(server.seen.map(({ url }) => url)).toEqual(['/votes', '/votes?page=2'])
  // @ts-expect-error -- a required part stays required
  await expect(call(PostVote, { body: vote.body })).rejects.toThrow('/path/poll is required')
})

test('a request that breaks its contract is not sent, and says where without saying what', async () => {
  await using server = await startServer((response) => sendJson(response, 201, { id: 7 }))
  const broken: BrokenCall[] = []
  const client = httpClient({ baseUrl: server.url, onFinding: (found) => broken.push(found) })
  const wrong = { ...vote, body: { option: 'secret-mice' } } as unknown as typeof vote

  const error = await client.call(PostVote, wrong).catch((caught: unknown) => caught)

  expect(error).toBeInstanceOf(CallRefused)
  expect(error).toMatchObject({
    code: 'call.request-refused',
    findings: [{ code: 'value.not-allowed', at: '/body/option' }],
  })
  expect(String(error)).toContain(
    'Nothing was sent: the request of PostVote (POST /polls/{poll}/votes) breaks its contract.',
  )
  expect(String(error)).not.toContain('secret')
  expect(broken).toMatchObject([{ contract: 'PostVote', side: 'request', findings: [{ at: '/body/option' }] }])
  expect(server.seen).toEqual([])
})

test('the path of the base URL stays, and parts that a contract does not describe may be left out', async () => {
  await using server = await startServer((response) => sendJson(response, 200, 'pong'))
  const Ping = endpoint('Ping', { method: 'GET', path: '/ping', responses: { 200: Type.String() } })
  const answer = await httpClient({ baseUrl: `${server.url}/v1/` }).call(Ping)
  expect(answer.body).toBe('pong')
  expect(server.seen[0]?.url).toBe('/v1/ping')
})

describe('headers', () => {
  test('the contract goes before the call, and the call before the client', async () => {
    await using server = await startServer((response) => sendJson(response, 201, { id: 7 }))
    const client = httpClient({
      baseUrl: server.url,
      headers: {
        'x-one': 'client',
        Accept: 'application/vnd.votes+json',
        'x-two': 'client',
        'X-Request': 'client',
        'Content-Type': 'text/plain',
      },
    })
    const headers = { 'X-Two': 'call', 'x-request': 'call' }
    await client.call(PostVote, { ...vote, headers: { 'X-Request': 'contract' } }, { headers })
    expect(server.seen[0]?.headers).toMatchObject({
      'x-one': 'client',
      accept: 'application/vnd.votes+json',
      'x-two': 'call',
      'x-request': 'contract',
      'content-type': 'application/json',
    })
  })

  test('a function is asked before each call', async () => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 1 }))
    let asked = 0
    const client = httpClient({ baseUrl: server.url, headers: async () => ({ authorization: `token ${++asked}` }) })
    await client.call(GetPoll, poll)
    await client.call(GetPoll, poll)
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(['token 1', 'token 2'])
  })

  test('a function that fails ends the call with its own error, and nothing is sent', async () => {
    await using server = await startServer((response) => sendJson(response, 200, { votes: 1 }))
    const client = httpClient({
      baseUrl: server.url,
      headers: () => {
        throw new Error('no token')
      },
    })
    await expect(client.call(GetPoll, poll)).rejects.toThrow('no token')
    expect(server.seen).toEqual([])
  })

  test('an idempotency key and a trace are passed on', async () => {
    await using server = await startServer((response) => sendJson(response, 201, { id: 7 }))
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    await httpClient({ baseUrl: server.url }).call(PostVote, vote, { idempotencyKey: 'k-1', traceparent })
    expect(server.seen[0]?.headers).toMatchObject({ 'idempotency-key': 'k-1', traceparent })
  })

  test.each([
    [{ idempotencyKey: 'a\r\nx-evil: 1' }, 'The idempotencyKey of a call is sent in a header'],
    [{ idempotencyKey: '' }, 'The idempotencyKey of a call is sent in a header'],
    [{ traceparent: 'ü' }, 'The traceparent of a call is sent in a header'],
    [{ headers: { 'x-a': 'secret\nb' } }, 'The value of the header "x-a" cannot stand in one'],
    [{ headers: { 'x-a': 1 as unknown as string } }, 'The value of the header "x-a" cannot stand in one'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs is NaN'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs is 2147483648'],
  ])('what cannot stand in one is refused: %j', async (options, words) => {
    const client = httpClient({ baseUrl: 'http://127.0.0.1:1' })
    await expect(client.call(PostVote, vote, options)).rejects.toThrow(TypeError)
    await expect(client.call(PostVote, vote, options)).rejects.toThrow(words)
    await expect(client.call(PostVote, vote, options)).rejects.not.toThrow('secret')
  })
})

describe('a status without JSON', () => {
  const Export = endpoint('Export', { method: 'GET', path: '/export', responses: { 200: null, 204: null } })

  test('comes with its bytes', async () => {
    await using server = await startServer((response) =>
      response.writeHead(200, { 'content-type': 'text/csv' }).end('a,b'),
    )
    const { bytes, body } = await httpClient({ baseUrl: server.url }).call(Export)
    expect([Buffer.from(bytes).toString(), body]).toEqual(['a,b', undefined])
    expect(server.seen[0]?.headers.accept).toBe('*/*')
  })

  test('may be empty', async () => {
    await using server = await startServer((response) => response.writeHead(204).end())
    const { status, bytes } = await httpClient({ baseUrl: server.url }).call(Export)
    expect([status, bytes.length]).toEqual([204, 0])
  })
})

test('HEAD has answers without bodies, and a contract that declares one cannot be called', async () => {
  await using server = await startServer((response) => response.writeHead(200, { 'content-length': '12' }).end())
  const client = httpClient({ baseUrl: server.url })
  const Head = endpoint('Head', { method: 'HEAD', path: '/', responses: { 200: null } })
  const Wrong = endpoint('Wrong', { method: 'HEAD', path: '/', responses: { 200: { id: Type.Integer() } } })
  expect(await client.call(Head)).toMatchObject({ status: 200 })
  await expect(client.call(Wrong)).rejects.toThrow('Wrong cannot be called: it declares a body for 200')
})

test('a redirect is not followed, so that credentials stay where they were sent', async () => {
  await using elsewhere = await startServer((response) => sendJson(response, 200, { votes: 1 }))
  await using server = await startServer((response) => response.writeHead(302, { location: elsewhere.url }).end())
  const client = httpClient({ baseUrl: server.url, headers: { authorization: 'secret' } })
  await expect(client.call(GetPoll, poll)).rejects.toMatchObject({ code: 'response.status-undeclared', status: 302 })
  expect([server.seen.length, elsewhere.seen.length]).toEqual([1, 0])
})

test('whatever sends as fetch does will do', async () => {
  const sent: unknown[] = []
  const client = httpClient({
    baseUrl: 'https://votes.test',
    fetch: async (url, init) => {
      sent.push(url, init?.method, init?.redirect)
      return Response.json({ votes: 3 })
    },
  })
  expect((await client.call(GetPoll, poll)).body).toEqual({ votes: 3 })
  expect(sent).toEqual(['https://votes.test/polls/12', 'GET', 'manual'])
})

test('no value of a path parameter leads to another path or another host', async () => {
  const urls: string[] = []
  const send = async (url: unknown) => (urls.push(String(url)), Response.json({ votes: 1 }))
  const client = httpClient({ baseUrl: 'https://votes.test/v1', fetch: send })
  const odd = fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '\\',
    '?',
    '#',
    '%2e%2e',
    '%2F',
    '//evil.test',
    '@evil.test',
    ':80',
    '\0',
    '\ud800',
    ' ',
    '\t',
    '..;',
    '.%00.',
  )
  const texts = fc.oneof(
    odd,
    fc.array(fc.oneof(odd, fc.string({ maxLength: 3 })), { maxLength: 4 }).map((parts) => parts.join('')),
  )
  const property = fc.asyncProperty(texts, async (text) => {
    urls.length = 0
    const error: unknown = await client.call(GetPoll, { path: { poll: text } }).then(
      () => undefined,
      (caught: unknown) => caught,
    )
    const [url] = urls
    const { origin, pathname, search, hash } = new URL(
      url ?? `https://votes.test/v1/polls/${encodeURIComponent('refused')}`,
    )
    const steps = pathname.split('/').map(decodeURIComponent)
    expect([origin, search, hash, steps]).toEqual([
      'https://votes.test',
      '',
      '',
      ['', 'v1', 'polls', url ? text : 'refused'],
    ])
    expect(error === undefined || error instanceof CallRefused).toBe(true)
  })
  await fc.assert(property, { numRuns: 300, examples: [['..'], ['.'], [''], ['/'], ['\\'], ['?a#b'], ['//evil.test']] })
})

test.each(['..', '.', ''])('the path parameter %j is refused', async (text) => {
  const client = httpClient({ baseUrl: 'http://127.0.0.1:1' })
  await expect(client.call(GetPoll, { path: { poll: text } })).rejects.toMatchObject({
    findings: [{ code: 'text.no-form', at: '/path/poll' }],
  })
})

test.each([
  [{ baseUrl: 'votes.test' }, 'baseUrl is no URL'],
  [{ baseUrl: 'file:///etc/passwd' }, 'baseUrl is no URL'],
  [{ baseUrl: 'https://user:secret@votes.test' }, 'baseUrl of votes.test holds a user or password'],
  [{ baseUrl: 'https://votes.test/?a=1' }, 'baseUrl of votes.test has a query'],
  [{ baseUrl: 'https://votes.test', timeoutMs: 0 }, 'timeoutMs is 0'],
  [{ baseUrl: 'https://votes.test', timeoutMs: Number.POSITIVE_INFINITY }, 'timeoutMs is Infinity'],
  [{ baseUrl: 'https://votes.test', tryTimeoutMs: 1.5 }, 'tryTimeoutMs is 1.5'],
  [{ baseUrl: 'https://votes.test', maxBodyBytes: -1 }, 'maxBodyBytes is -1'],
  [{ baseUrl: 'https://votes.test', retry: { maxAttempts: 0 } }, 'retry.maxAttempts is 0'],
  [{ baseUrl: 'https://votes.test', breaker: { pauseMs: 0.5 } }, 'breaker.pauseMs is 0.5'],
  [{ baseUrl: 'https://votes.test', headers: { 'a b': 'c' } }, 'A header cannot be called "a b"'],
  [{ baseUrl: 'https://votes.test', headers: { a: 'secret\n' } }, 'The value of the header "a"'],
  [{ baseUrl: 'https://votes.test', breaker: { inARow: 0 } }, 'breaker.inARow is 0'],
  [{ baseUrl: 'https://votes.test', breaker: { ratio: 2 } }, 'breaker.ratio is 2'],
  [{ baseUrl: 'https://votes.test', retry: { minMs: Number.NaN } }, 'retry.minMs is NaN'],
])('options that cannot work are refused: %j', (options, words) => {
  expect(() => httpClient(options)).toThrow(TypeError)
  expect(() => httpClient(options)).toThrow(words)
  expect(() => httpClient(options)).not.toThrow('secret')
})

test.each(['#', '?', '/?', '//#'])('a base URL that ends in %s leads to the path of the contract', async (ending) => {
  await using server = await startServer((response) => response.writeHead(204).end())
  const Ping = endpoint('Ping', { provider: 'p', method: 'GET', path: '/ping', responses: { 204: null } })
  await httpClient({ baseUrl: server.url + ending }).call(Ping)
  expect(server.seen.map(({ url }) => url)).toEqual(['/ping'])
})
