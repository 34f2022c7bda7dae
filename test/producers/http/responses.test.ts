import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { DoneFuncWithErrOrRes, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { describe, expect, test } from 'vitest'
import { endpoint } from '../../../contracts/index.ts'
import { serve } from '../../../producers/index.ts'
import { buildApp, FindVotes, PostVote } from './app.ts'

const json = { 'content-type': 'application/json' }
const problem = 'application/problem+json; charset=utf-8'
const stream = () => Readable.from(['{"votes":[]}'])
const web = () => new Response('{"votes":[]}', { headers: json }).body as ReadableStream

class Ballot {
  votes = [1]
  get count() {
    return 1
  }
}

describe('a response', () => {
  test.each<[string, (reply: FastifyReply) => unknown]>([
    ['plain data', (reply) => reply.send({ votes: [1, 2] })],
    ['members that are undefined', (reply) => reply.send({ votes: [1], more: undefined })],
    ['an instance of a class, by its own members', (reply) => reply.send(new Ballot())],
    ['what has a toJSON', (reply) => reply.send({ toJSON: () => ({ votes: [] }) })],
    ['JSON text', (reply) => reply.type('application/json').send('{"votes":[1]}')],
    ['JSON in bytes', (reply) => reply.type('application/json').send(Buffer.from('{"votes":[1]}'))],
    [
      'its own serializer',
      (reply) =>
        reply
          .serializer(() => '{"votes":[7]}')
          .type('application/json')
          .send({ anything: 1 }),
    ],
    ['204 and nothing', (reply) => reply.code(204).send()],
    ['204 and something, which Fastify leaves out', (reply) => reply.code(204).send({ votes: 'x' })],
  ])('with %s goes out', async (_, answer) => {
    const { app, told } = await buildApp([FindVotes], {
      routes: (api) => api.get('/polls/:poll/votes', (_request, reply) => answer(reply)),
    })
    const { statusCode } = await app.inject('/polls/pets/votes')
    expect([told, [200, 204].includes(statusCode)]).toEqual([[], true])
  })

  test.each<[string, (reply: FastifyReply) => unknown, string]>([
    ['a wrong value', (reply) => reply.send({ votes: ['one'] }), 'value.wrong-type /body/votes/0'],
    ['an undeclared member', (reply) => reply.send({ votes: [], secret: 1 }), 'field.undeclared /body/secret'],
    [
      'NaN, which JSON writes as null',
      (reply) => reply.send({ votes: [Number.NaN] }),
      'value.wrong-type /body/votes/0',
    ],
    ['a Date', (reply) => reply.send({ votes: [new Date(0)] }), 'value.wrong-type /body/votes/0'],
    ['a toJSON that says otherwise', (reply) => reply.send({ votes: [], toJSON: () => 5 }), 'value.wrong-type /body'],
    ['a Map', (reply) => reply.send(new Map([['votes', []]])), 'field.missing /body/votes'],
    ['null', (reply) => reply.send(null), 'value.wrong-type /body'],
    ['nothing', (reply) => reply.send(), 'field.missing /body'],
    ['an empty text', (reply) => reply.type('application/json').send(''), 'field.missing /body'],
    ['text that is no JSON', (reply) => reply.type('application/json').send('{'), 'field.not-json /body'],
    [
      'JSON with a key twice',
      (reply) => reply.type('application/json').send('{"votes":[],"votes":[]}'),
      'json.duplicate-key /body/votes',
    ],
    [
      'bytes that are no UTF-8',
      (reply) => reply.type('application/json').send(Buffer.from([0xff])),
      'text.ill-formed /body',
    ],
    ['a text', (reply) => reply.send('hello'), 'body.not-json /body'],
    ['bytes', (reply) => reply.send(Buffer.from('{"votes":[]}')), 'body.not-json /body'],
    ['a stream', (reply) => reply.type('application/json').send(stream()), 'body.streamed /body'],
    ['a web stream', (reply) => reply.type('application/json').send(web()), 'body.streamed /body'],
    ['a Response', (reply) => reply.send(new Response('{"votes":[]}', { headers: json })), 'body.streamed /body'],
    [
      'an encoding',
      (reply) => reply.header('content-encoding', 'gzip').type('application/json').send(Buffer.from('x')),
      'body.streamed /body',
    ],
    [
      'its own serializer',
      (reply) =>
        reply
          .serializer(() => '{"votes":7}')
          .type('application/json')
          .send({ votes: [] }),
      'value.wrong-type /body/votes',
    ],
    ['an undeclared status', (reply) => reply.code(202).send({ votes: [] }), 'status.undeclared /status'],
    ['a redirection', (reply) => reply.redirect('/elsewhere'), 'status.undeclared /status'],
  ])('with %s is refused, or reported', async (_, answer, found) => {
    const routes = (api: FastifyInstance) =>
      api.get('/polls/:poll/votes', (_request, reply) => answer(reply.header('cache-control', 'public')))
    const refusing = await buildApp([FindVotes], { routes })
    const refused = await refusing.app.inject('/polls/pets/votes')
    expect([refused.statusCode, refused.headers['content-type'], refused.headers['cache-control']]).toEqual([
      500,
      problem,
      undefined,
    ])
    expect(refused.json()).toEqual({
      type: 'about:blank',
      title: 'The answer broke its contract',
      status: 500,
      detail: 'The service broke its own contract FindVotes; what it made was not sent.',
    })
    const reporting = await buildApp([FindVotes], { routes, responses: 'report' })
    const reported = await reporting.app.inject('/polls/pets/votes')
    expect([reported.headers['cache-control'], reported.headers['content-type'] === problem]).toEqual(['public', false])
    for (const { told } of [refusing, reporting])
      expect(told.flatMap(({ findings }) => findings.map(({ code, at }) => `${code} ${at}`))).toEqual([found])
  })

  test('is judged behind what the app does with it', async () => {
    const { app, told } = await buildApp([FindVotes], {
      routes: (api) => {
        api.addHook('preSerialization', async (_request, _reply, payload) => ({ votes: ['x'], ...(payload as object) }))
        api.addHook('onSend', async (_request, _reply, payload) => String(payload).replace('"x"', '1'))
        api.get('/polls/:poll/votes', () => ({}))
      },
    })
    expect((await app.inject('/polls/pets/votes')).json()).toEqual({ votes: [1] })
    expect(told).toEqual([])
  })

  test('is judged by what a schema of the route makes of it', async () => {
    const response = { 200: { type: 'object', properties: { votes: { type: 'array', items: { type: 'integer' } } } } }
    const { app, told } = await buildApp([FindVotes], {
      routes: (api) => api.get('/polls/:poll/votes', { schema: { response } }, () => ({ votes: [1], secret: 's' })),
    })
    expect((await app.inject('/polls/pets/votes')).json()).toEqual({ votes: [1] })
    expect(told).toEqual([])
  })

  test('whose value the handler still holds is not changed', async () => {
    const body = Object.freeze({ votes: Object.freeze([1]) as number[] })
    const { app } = await buildApp([FindVotes], {
      routes: (api) => api.route(serve(FindVotes, () => ({ status: 200, body }))),
    })
    expect((await app.inject('/polls/pets/votes')).json()).toEqual({ votes: [1] })
  })

  test('to HEAD is judged by its status alone', async () => {
    const answers = [{ votes: 'not sent' }, Readable.from(['x'])]
    const { app, told } = await buildApp([FindVotes], {
      routes: (api) =>
        api.get('/polls/:poll/votes', (_request, reply) => reply.send(answers.shift() ?? reply.code(418))),
    })
    const head = () => app.inject({ method: 'HEAD', url: '/polls/pets/votes' })
    expect([(await head()).statusCode, (await head()).statusCode, told]).toEqual([200, 200, []])
    const bad = await app.inject({ method: 'HEAD', url: '/polls/pets/votes?limit=x' })
    expect([bad.statusCode, bad.body]).toEqual([400, ''])
  })

  test('with an undeclared status to HEAD is refused without a body', async () => {
    const { app, told } = await buildApp([FindVotes], {
      routes: (api) => api.get('/polls/:poll/votes', (_request, reply) => reply.code(418).send({})),
    })
    const answer = await app.inject({ method: 'HEAD', url: '/polls/pets/votes' })
    expect([answer.statusCode, answer.body, answer.headers['content-length']]).toEqual([500, '', undefined])
    expect(told).toMatchObject([{ status: 418, side: 'response' }])
  })

  test('of a status without JSON may be a stream or text, and no JSON', async () => {
    const Export = endpoint('Export', { method: 'GET', path: '/export', responses: { 200: null } })
    const answers: unknown[] = [stream(), 'a,b', Buffer.from('a'), undefined, { a: 1 }]
    const { app, told } = await buildApp([Export], {
      routes: (api) => api.get('/export', (_request, reply) => reply.send(answers.shift())),
    })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) statuses.push((await app.inject('/export')).statusCode)
    expect(statuses).toEqual([200, 200, 200, 200, 500])
    expect(told).toMatchObject([{ findings: [{ code: 'field.undeclared', at: '/body' }] }])
  })
})

test('what callNotFound answers is judged like any response', async () => {
  const { app, told } = await buildApp([PostVote, FindVotes], {
    routes: (api) => {
      api.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'gone' }))
      api.post('/polls/:poll/votes', (_request, reply) => reply.callNotFound())
      api.get('/polls/:poll/votes', (_request, reply) => reply.callNotFound())
    },
  })
  const declared = await app.inject({ method: 'POST', url: '/polls/pets/votes', payload: { option: 'dogs' } })
  expect([declared.statusCode, declared.json()]).toEqual([404, { message: 'gone' }])
  expect((await app.inject('/polls/pets/votes')).statusCode).toBe(500)
  expect(told).toMatchObject([{ status: 404, findings: [{ code: 'status.undeclared' }] }])
})

test.each<[string, number, (app: FastifyInstance) => unknown]>([
  ['a hook of the app', 500, (api) => api.addHook('onSend', pack)],
  [
    'hooks that a plugin adds to routes',
    200,
    (api) => api.addHook('onRoute', (route) => void (route.onSend = [route.onSend ?? []].flat().concat(pack))),
  ],
])('bodies that %s packs behind the guard are answered %d', async (_, status, addPacking) => {
  const { app } = await buildApp([FindVotes], {
    routes: (api) => {
      addPacking(api)
      api.get('/polls/:poll/votes', () => ({ votes: [1] }))
    },
  })
  expect((await app.inject('/polls/pets/votes')).statusCode).toBe(status)
})

function pack(_request: FastifyRequest, reply: FastifyReply, payload: unknown, done: DoneFuncWithErrOrRes): void {
  reply.header('content-encoding', 'gzip')
  done(null, gzipSync(String(payload)))
}
