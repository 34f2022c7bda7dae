import { Type } from '@sinclair/typebox'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { endpoint } from '../../../contracts/index.ts'
import { type Broken, type GuardHandlerOptions, guardHandler, routeHandlers } from '../../../producers/index.ts'
import { FindVotes, PostVote } from './app.ts'

const url = 'http://here/polls/pets/votes'
const json = { 'content-type': 'application/json' }
const problem = 'application/problem+json; charset=utf-8'

const post = (body: NonNullable<ConstructorParameters<typeof Response>[0]>, headers: Record<string, string> = json) =>
  new Request(url, { method: 'POST', body, headers, ...({ duplex: 'half' } as object) })

const postVote = (options?: GuardHandlerOptions) =>
  guardHandler(
    PostVote,
    ({ path, body }) => ({ status: 201, body: { id: path.poll.length, option: body.option } }),
    options,
  )

const stream = () => new Response('{"votes":[]}').body

const named = (name: string, method: 'GET' | 'POST' | 'DELETE', path: string) =>
  guardHandler(endpoint(name, { method, path, responses: { 200: Type.String() } }), () => ({
    status: 200,
    body: name,
  }))

/** A handler that answers anything at all, and what its guard tells. */
function answering(answer: unknown, options: GuardHandlerOptions = {}) {
  const told: Broken[] = []
  const handle = guardHandler(FindVotes, () => answer as Response, {
    ...options,
    onFinding: (broken) => told.push(broken),
  })
  return { handle, told }
}

describe('a Web request', () => {
  test('comes to its handler in typed parts, and the answer goes out', async () => {
    const Typed = endpoint('Typed', {
      method: 'PUT',
      path: '/a/{id}/b-{n}.json',
      request: {
        path: { id: Type.String(), n: Type.Integer() },
        query: { on: Type.Boolean() },
        headers: { 'X-Via': Type.Array(Type.String()) },
        body: Type.Object({ x: Type.Integer() }),
      },
      responses: { 200: Type.Unknown() },
    })
    const handle = guardHandler(Typed, (parts, request) => {
      expectTypeOf(parts.path.n).toBeNumber()
      return { status: 200, body: [parts, request.method], headers: { 'set-cookie': ['a=1', 'b=2'] } }
    })
    const headers = new Headers(json)
    for (const via of ['p', 'q']) headers.append('x-via', via)
    const request = new Request('http://here/a/%C3%A4%2Fb%00/b-7.json?on=true', {
      method: 'PUT',
      body: '{"x":1}',
      headers,
    })
    const answer = await handle(request)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(await answer.json()).toEqual([
      { path: { id: 'ä/b\0', n: 7 }, query: { on: true }, headers: { 'X-Via': ['p', 'q'] }, body: { x: 1 } },
      'PUT',
    ])
  })

  test.each<[string, Request, number, string | undefined]>([
    ['that breaks the schema', post('{"option":"birds"}'), 400, '/body/option'],
    ['without a body', new Request(url, { method: 'POST' }), 400, '/body'],
    ['with an empty body', post(''), 400, '/body'],
    ['with a body that is no JSON', post('{'), 400, '/body'],
    ['with a body that is no UTF-8', post(Uint8Array.of(0x22, 0xff, 0x22)), 400, '/body'],
    ['with a key twice', post('{"option":"cats","option":"dogs"}'), 400, '/body/option'],
    ['with another content type', post('{"option":"dogs"}', { 'content-type': 'text/plain' }), 415, undefined],
    ['with no content type', post(Buffer.from('{"option":"dogs"}'), {}), 415, undefined],
    ['that is packed', post('{}', { ...json, 'content-encoding': 'gzip' }), 415, undefined],
    ['of ten megabytes', post(JSON.stringify({ option: 'x'.repeat(1e7) })), 413, undefined],
    ['that says ten megabytes', post('{}', { ...json, 'content-length': '10000000' }), 413, undefined],
    ['for another method', new Request(url, { method: 'DELETE' }), 405, undefined],
    ['for another path', new Request('http://here/polls/pets', { method: 'POST' }), 404, undefined],
    [
      'with an escape that stands for no text',
      new Request('http://here/polls/%ff/votes', { method: 'POST' }),
      400,
      '/path/poll',
    ],
  ])('%s is refused', async (_, request, status, at) => {
    const answer = await postVote()(request)
    const { findings, ...told } = (await answer.json()) as { status: number; findings?: { at: string }[] }
    expect([answer.status, told.status, answer.headers.get('content-type')]).toEqual([status, status, problem])
    expect(findings?.map((finding) => finding.at)).toEqual(at === undefined ? undefined : [at])
  })

  test('is read no further than the limit', async () => {
    let read = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        read++
        controller.enqueue(new Uint8Array(1000))
      },
    })
    const answer = await postVote({ maxBodyBytes: 10_000 })(post(endless))
    expect([answer.status, read < 20]).toEqual([413, true])
  })

  test('refuses a limit that is none', () => {
    expect(() => postVote({ maxBodyBytes: Number.NaN })).toThrow('maxBodyBytes of PostVote is NaN')
  })
})

describe('a Web response', () => {
  test.each<[string, unknown]>([
    ['plain data', { status: 200, body: { votes: [1] } }],
    ['what JSON makes good', { status: 200, body: { votes: [1], more: undefined } }],
    ['a Response', Response.json({ votes: [1] })],
    ['nothing, with 204', { status: 204 }],
    ['a Response of 204', new Response(null, { status: 204 })],
  ])('with %s goes out', async (_, answer) => {
    const { handle, told } = answering(answer)
    const { status } = await handle(new Request(url))
    expect([told, [200, 204].includes(status)]).toEqual([[], true])
  })

  test.each<[string, () => unknown, string]>([
    ['a wrong value', () => ({ status: 200, body: { votes: 1 } }), 'value.wrong-type /body/votes'],
    ['a Date', () => ({ status: 200, body: { votes: [new Date(0)] } }), 'value.wrong-type /body/votes/0'],
    ['an undeclared status', () => ({ status: 202, body: {} }), 'status.undeclared /status'],
    ['nothing', () => ({ status: 200 }), 'field.missing /body'],
    ['a stream', () => ({ status: 200, body: stream() }), 'body.streamed /body'],
    ['a Response of another value', () => Response.json({ votes: 1 }), 'value.wrong-type /body/votes'],
    ['a Response of text', () => new Response('x'), 'body.not-json /body'],
  ])('with %s is refused, or reported', async (_, make, found) => {
    const refusing = answering(make())
    const refused = await refusing.handle(new Request(url))
    expect([refused.status, refused.headers.get('content-type')]).toEqual([500, problem])
    const reporting = answering(make(), { responses: 'report' })
    const reported = await reporting.handle(new Request(url))
    expect(reported.status).toBeLessThan(300)
    for (const { told } of [refusing, reporting])
      expect(told.flatMap(({ findings }) => findings.map(({ code, at }) => `${code} ${at}`))).toEqual([found])
  })

  test.each([
    ['a bigint', { votes: [1n] }, 'value.not-json'],
    ['a function', () => 1, 'value.not-json'],
  ])('that JSON cannot say (%s) is never sent', async (_, body, code) => {
    const { handle, told } = answering({ status: 200, body }, { responses: 'report' })
    expect((await handle(new Request(url))).status).toBe(500)
    expect(told).toMatchObject([{ findings: [{ code, at: '/body' }] }])
  })

  test('to HEAD is judged by its status, and has no body', async () => {
    const { handle, told } = answering({ status: 200, body: { votes: 'x' } })
    const answer = await handle(new Request(url, { method: 'HEAD' }))
    expect([answer.status, await answer.text(), told]).toEqual([200, '', []])
  })

  test('is not made where the handler throws', async () => {
    const handle = guardHandler(FindVotes, () => {
      throw new Error('broken pipe')
    })
    await expect(handle(new Request(url))).rejects.toThrow('broken pipe')
  })
})

describe('several handlers', () => {
  const route = routeHandlers([
    named('one', 'GET', '/polls/{id}'),
    named('latest', 'GET', '/polls/latest'),
    named('remove', 'DELETE', '/polls/:id'),
    named('spaced', 'GET', '/polls/ä b/x'),
    named('root', 'GET', '/'),
  ])

  test.each<[string, string, number, unknown]>([
    ['GET', '/polls/7', 200, 'one'],
    ['GET', '/polls/latest', 200, 'latest'],
    ['GET', '/polls/l%61test', 200, 'latest'],
    ['DELETE', '/polls/latest', 200, 'remove'],
    ['GET', '/polls/%C3%A4%20b/x', 200, 'spaced'],
    ['GET', '/', 200, 'root'],
    ['POST', '/polls/7', 405, { allow: 'GET, HEAD, DELETE' }],
    ['GET', '/polls/7/', 404, {}],
    ['GET', '/polls/', 404, {}],
    ['GET', '/nothing', 404, {}],
  ])('%s %s is answered %d', async (method, path, status, body) => {
    const answer = await route(new Request(`http://here${path}`, { method }))
    const allow = answer.headers.get('allow')
    expect(answer.status).toBe(status)
    expect(status === 200 ? await answer.json() : allow === null ? {} : { allow }).toEqual(body)
  })
})

test('whoever is told of findings cannot stop an answer on the Web by throwing', async () => {
  const handle = postVote({
    onFinding: () => {
      throw new Error('out of order')
    },
  })
  expect((await handle(post('{'))).status).toBe(400)
})

test.each<[string, object]>([
  [
    'a getter',
    {
      get votes() {
        throw new Error('hush')
      },
    },
  ],
  [
    'a proxy',
    new Proxy(
      { votes: [] },
      {
        ownKeys: () => {
          throw new Error('hush')
        },
      },
    ),
  ],
])('a body that throws when it is read, such as %s, is answered as one without JSON', async (_, body) => {
  const { handle, told } = answering({ status: 200, body })
  const answer = await handle(new Request(url))
  expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('hush')])
  expect(told).toMatchObject([{ side: 'response', findings: [{ code: 'value.not-json' }] }])
})
