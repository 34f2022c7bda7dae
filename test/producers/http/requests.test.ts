import { Type } from '@sinclair/typebox'
import Fastify, { type InjectOptions } from 'fastify'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { endpoint } from '../../../contracts/index.ts'
import { guardRoutes, partsOf, RequestRefused, serve } from '../../../producers/index.ts'
import { buildApp, FindVotes, PostVote } from './app.ts'

const good: InjectOptions = { method: 'POST', url: '/polls/pets/votes', payload: { option: 'dogs' } }
const json = { 'content-type': 'application/json' }
const problem = 'application/problem+json; charset=utf-8'

describe('a request', () => {
  test('comes to its handler in typed parts, and the answer goes out', async () => {
    const { app, told } = await buildApp([PostVote, FindVotes], {
      routes: (api) => {
        api.route(
          serve(PostVote, ({ path, body }) => {
            expectTypeOf(path.poll).toBeString()
            if (path.poll !== 'pets') return { status: 404, body: { message: `There is no poll ${path.poll}.` } }
            return { status: 201, body: { id: 1, option: body.option }, headers: { location: '/votes/1' } }
          }),
        )
        api.route(
          serve(FindVotes, ({ query }) => ({
            status: 200,
            body: { votes: [query.limit ?? 0, query.tag?.length ?? 0] },
          })),
        )
      },
    })
    const posted = await app.inject(good)
    expect([posted.statusCode, posted.headers.location, posted.json()]).toEqual([
      201,
      '/votes/1',
      { id: 1, option: 'dogs' },
    ])
    expect((await app.inject({ ...good, url: '/polls/birds/votes' })).json()).toEqual({
      message: 'There is no poll birds.',
    })
    expect((await app.inject('/polls/pets/votes?tag=a&tag=b&limit=7')).json()).toEqual({ votes: [7, 2] })
    expect(told).toEqual([])
  })

  test('is left as it came, for handlers that read it as Fastify makes it', async () => {
    const seen: unknown[] = []
    const { app } = await buildApp([FindVotes], {
      routes: (api) =>
        api.get('/polls/:name/votes', (request, reply) => {
          const { path, query } = partsOf(FindVotes, request)
          seen.push(path, query, request.params, request.query)
          return reply.code(204).send()
        }),
    })
    await app.inject('/polls/a%2F%C3%A4%00/votes?limit=7&page=x')
    expect(seen).toEqual([{ poll: 'a/ä\0' }, { limit: 7 }, { name: 'a/ä\0' }, { limit: '7', page: 'x' }])
  })

  test.each<[string, InjectOptions, string, string]>([
    ['a body that breaks the schema', { ...good, payload: { option: 'birds' } }, 'value.not-allowed', '/body/option'],
    ['no body', { method: 'POST', url: '/polls/pets/votes' }, 'field.missing', '/body'],
    ['an empty body', { ...good, payload: '', headers: json }, 'field.missing', '/body'],
    ['a body that is no JSON', { ...good, payload: '{"option":dogs}', headers: json }, 'field.not-json', '/body'],
    ['an escape that stands for no text', { url: '/polls/pets/votes?tag=%ff' }, 'text.ill-formed', '/query/tag'],
    ['a parameter twice', { url: '/polls/pets/votes?limit=1&limit=1' }, 'field.duplicate', '/query/limit'],
    [
      'a header twice',
      { url: '/polls/pets/votes', headers: { 'x-request-id': ['a', 'b'] } },
      'field.duplicate',
      '/headers/X-Request-Id',
    ],
  ])('with %s is answered 400 with findings', async (_, request, code, at) => {
    const { app, told } = await buildApp([PostVote, FindVotes], {
      routes: (api) => {
        api.route(serve(PostVote, () => ({ status: 201, body: { id: 1, option: 'dogs' } })))
        api.route(serve(FindVotes, () => ({ status: 204 })))
      },
    })
    const answer = await app.inject(request)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toBe(problem)
    expect(answer.json()).toMatchObject({
      type: 'about:blank',
      title: 'The request breaks its contract',
      status: 400,
      findings: [{ code, at, explanation: expect.stringContaining(at) as string }],
    })
    expect(told).toMatchObject([{ side: 'request', status: 400, findings: [{ code, at }] }])
  })

  test.each<[string, number, InjectOptions]>([
    ['text', 415, { ...good, payload: '{"option":"dogs"}', headers: { 'content-type': 'text/plain' } }],
    [
      'a form',
      415,
      { ...good, payload: 'option=dogs', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    ['a content type that is none', 415, { ...good, payload: '{}', headers: { 'content-type': 'json' } }],
    ['bytes of no type', 415, { ...good, payload: Buffer.from('{}'), headers: {} }],
    ['ten megabytes', 413, { ...good, payload: JSON.stringify({ option: 'x'.repeat(1e7) }), headers: json }],
  ])('of %s is answered %d', async (_, status, request) => {
    const { app } = await buildApp([PostVote], {
      routes: (api) => api.route(serve(PostVote, () => ({ status: 201, body: { id: 1, option: 'dogs' } }))),
    })
    const answer = await app.inject(request)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, problem])
    expect(answer.body).not.toContain('dogs')
  })

  test('that is refused is for the app to answer, where it says so', async () => {
    const { app, told } = await buildApp([PostVote], {
      refusals: 'throw',
      routes: (api) => {
        api.setErrorHandler((error, _request, reply) =>
          reply.code(422).send({ ours: error instanceof RequestRefused && error.findings.length }),
        )
        api.route(serve(PostVote, () => ({ status: 201, body: { id: 1, option: 'dogs' } })))
      },
    })
    const broken = await app.inject({ ...good, payload: { option: 1 } })
    expect([broken.statusCode, broken.json()]).toEqual([422, { ours: 1 }])
    const noJson = await app.inject({ ...good, payload: '{', headers: json })
    expect([noJson.statusCode, noJson.json()]).toEqual([422, { ours: 1 }])
    expect(told.map(({ side }) => side)).toEqual(['request', 'request'])
  })

  test('of a route that no contract names is not looked at', async () => {
    const { app } = await buildApp([PostVote], {
      routes: (api) => {
        api.route(serve(PostVote, () => ({ status: 201, body: { id: 1, option: 'dogs' } })))
        api.post('/other', (request) => request.body)
      },
    })
    const twice = await app.inject({ method: 'POST', url: '/other', payload: '{"a":1,"a":2}', headers: json })
    expect(twice.json()).toEqual({ a: 2 })
    const poisoned = await app.inject({ method: 'POST', url: '/other', payload: '{"__proto__":1}', headers: json })
    expect([poisoned.statusCode, poisoned.json()]).toMatchObject([400, { code: 'FST_ERR_CTP_INVALID_JSON_BODY' }])
  })
})

test('routes in plugins with a prefix, with patterns and with other names for parameters are guarded', async () => {
  const { app, told } = await buildApp([PostVote], {
    routes: (api) =>
      api.register(
        (inner, _options, done) => {
          inner.post(String.raw`/:name(^[a-z]+$)/votes`, (_request, reply) =>
            reply.code(201).send({ id: 'x', option: 'dogs' }),
          )
          done()
        },
        { prefix: '/polls' },
      ),
  })
  expect((await app.inject(good)).statusCode).toBe(500)
  expect(told).toMatchObject([{ findings: [{ at: '/body/id' }] }])
})

test('an app that brings its own JSON parser keeps it', async () => {
  const app = Fastify()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, _body, done) =>
    done(null, { option: 'cats' }),
  )
  await app.register(guardRoutes, { serves: [PostVote] })
  app.route(serve(PostVote, ({ body }) => ({ status: 201, body: { id: 1, option: body.option } })))
  expect((await app.inject({ ...good, payload: 'anything', headers: json })).json()).toEqual({ id: 1, option: 'cats' })
})

test('a pattern with braces and colons in it names no parameters', async () => {
  const Find = endpoint('Find', {
    method: 'GET',
    path: '/{year}/{month}',
    request: { path: { year: Type.Integer(), month: Type.Integer() } },
    responses: { 200: Type.Array(Type.Integer()) },
  })
  const { app } = await buildApp([Find], {
    routes: (api) =>
      api.get(String.raw`/:a(^\d{4}$)/:b(^(?:x|\d{2})$)`, (request) => Object.values(partsOf(Find, request).path)),
  })
  expect((await app.inject('/2024/12')).json()).toEqual([2024, 12])
})

test('a parameter may have a name that Fastify could not give it', async () => {
  const Find = endpoint('Find', {
    method: 'GET',
    path: '/polls/{poll-id}/{a b}.json',
    request: { path: { 'poll-id': Type.Integer(), 'a b': Type.String() } },
    responses: { 200: Type.Array(Type.Unknown()) },
  })
  const { app } = await buildApp([Find], {
    routes: (api) => api.route(serve(Find, ({ path }) => ({ status: 200, body: [path] }))),
  })
  expect((await app.inject('/polls/7/x.json')).json()).toEqual([{ 'poll-id': 7, 'a b': 'x' }])
})

test.each(['/polls/{poll}:close', '/polls/{poll}votes', '/polls/{a}{b}', '/polls/{poll}~1', '/polls/{poll}(a)'])(
  'no route is made of %s, which Fastify would read in another way',
  (path) => {
    const Close = endpoint('Close', { method: 'POST', path, responses: { 204: null } })
    expect(() => serve(Close, () => ({ status: 204 }))).toThrow(`No route can be made of Close (POST ${path})`)
  },
)

test('whoever is told of findings cannot stop an answer by throwing', async () => {
  const { app } = await buildApp([PostVote], {
    responses: 'report',
    onFinding: () => {
      throw new Error('out of order')
    },
    routes: (api) => api.post('/polls/:poll/votes', (_request, reply) => reply.code(201).send({ id: 'x' })),
  })
  expect((await app.inject({ ...good, payload: { option: 1 } })).statusCode).toBe(400)
  expect((await app.inject({ ...good, payload: '{', headers: json })).statusCode).toBe(400)
  expect((await app.inject(good)).json()).toEqual({ id: 'x' })
})
