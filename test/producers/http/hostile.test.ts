import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { endpoint } from '../../../contracts/index.ts'
import { guardHandler, serve } from '../../../producers/index.ts'
import { buildApp } from './app.ts'

/** Whatever is JSON at all is let through, so that only the reading of it is tried. */
const Open = endpoint('Open', {
  method: 'POST',
  path: '/open',
  request: { query: { q: Type.Optional(Type.String()) }, body: Type.Unknown() },
  responses: { 200: Type.Object({ type: Type.String() }) },
})

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

type Hostile = { readonly body: string | Buffer; readonly query?: string }

test.each<[string, Hostile, status: number, ofFastify?: number]>([
  ['nested a hundred times', { body: deep(100) }, 200],
  ['nested a thousand times', { body: deep(1_000) }, 400],
  ['nested a hundred thousand times', { body: deep(100_000) }, 400],
  ['with __proto__, which Fastify keeps out', { body: '{"__proto__":{"isAdmin":true}}' }, 200, 400],
  ['with __proto__ in another writing', { body: String.raw`{"\u005f_proto__":1}` }, 200, 400],
  ['with constructor.prototype, likewise', { body: '{"constructor":{"prototype":{}}}' }, 200, 400],
  ['with a key twice', { body: '{"a":1,"a":2}' }, 400],
  [
    'with a key twice in ten thousand',
    { body: `{${Array.from({ length: 10_000 }, (_, i) => `"k${i % 9_999}":1`).join()}}` },
    400,
  ],
  ['with a megabyte of one key', { body: `{${'"a":1,'.repeat(150_000)}"a":1}` }, 400],
  ['with a megabyte of name twice', { body: `{"${'n'.repeat(5e5)}":1,"${'n'.repeat(5e5)}":1}` }, 400],
  ['with a byte order mark', { body: '\uFEFF{}' }, 200],
  ['that is no UTF-8', { body: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]) }, 400],
  ['with half of a surrogate pair, escaped', { body: String.raw`"\ud800"` }, 200],
  ['with a number beyond all bounds', { body: '[1e400]' }, 400],
  ['with a number of a hundred thousand digits', { body: '9'.repeat(100_000) }, 400],
  ['with an integer beyond 2^53', { body: '9007199254740993' }, 200],
  ['with U+0000', { body: String.raw`"\u0000"` }, 200],
  ['of ten megabytes', { body: JSON.stringify('x'.repeat(1e7)) }, 413],
  ['with a hundred thousand colons in a text', { body: JSON.stringify(':"\\'.repeat(25_000)) }, 200],
  ['behind ten thousand parameters', { body: '{}', query: `?${'a=1&'.repeat(10_000)}` }, 200],
  ['behind a parameter repeated ten thousand times', { body: '{}', query: `?${'q=1&'.repeat(10_000)}` }, 400],
  ['behind a query named __proto__', { body: '{}', query: '?__proto__=1&constructor=2' }, 200],
  ['behind ten thousand broken escapes', { body: '{}', query: `?${'q=%ff&'.repeat(10_000)}` }, 400],
  ['behind a broken escape', { body: '{}', query: '?q=%E0%A4' }, 400],
])('a body %s is answered %d', async (_, { body, query = '' }, status, ofFastify = status) => {
  const headers = { 'content-type': 'application/json' }
  const { app } = await buildApp([Open], {
    routes: (api) => api.route(serve(Open, (parts) => ({ status: 200, body: { type: typeof parts.body } }))),
  })
  const started = performance.now()
  const inFastify = await app.inject({ method: 'POST', url: `/open${query}`, payload: body, headers })
  const handle = guardHandler(Open, (parts) => ({ status: 200, body: { type: typeof parts.body } }))
  const onTheWeb = await handle(new Request(`http://here/open${query}`, { method: 'POST', body, headers }))
  expect([inFastify.statusCode, onTheWeb.status]).toEqual([ofFastify, status])
  expect(inFastify.body.length).toBeLessThan(5_000)
  expect(performance.now() - started).toBeLessThan(2_000)
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
})

test('no answer repeats what came', async () => {
  const Strict = endpoint('Strict', {
    method: 'POST',
    path: '/strict/{n}',
    request: { path: { n: Type.Integer() }, query: { q: Type.Integer() }, body: { secret: Type.Integer() } },
    responses: { 200: { known: Type.Integer() } },
  })
  const { app } = await buildApp([Strict], {
    routes: (api) => api.post('/strict/:n', (_request, reply) => reply.send({ known: 'hush' })),
  })
  const headers = { 'content-type': 'application/json' }
  const answers = await Promise.all([
    app.inject({ method: 'POST', url: '/strict/hush?q=hush', payload: '{"secret":"hush"}', headers }),
    app.inject({ method: 'POST', url: '/strict/1?q=1', payload: '{"secret":"hush"}', headers }),
    app.inject({ method: 'POST', url: '/strict/1?q=1', payload: 'hush', headers }),
    app.inject({ method: 'POST', url: '/strict/1?q=1', payload: '{"secret":1}', headers }),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 500])
  expect(answers.map(({ body }) => body).join()).not.toContain('hush')
})
