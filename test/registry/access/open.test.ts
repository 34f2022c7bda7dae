import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { register, send } from '../send.ts'
import type { Temporary } from '../temporary.ts'
import { bearing, type Guarded, guarded, listening } from './guarded.ts'

/** One registry for all who only ask. */
let open: Temporary<Guarded>
beforeAll(async () => {
  open = await guarded({ mode: 'open', corsOrigins: ['https://console.example'] })
})
afterAll(() => open[Symbol.asyncDispose]())

test.each([
  'localhost',
  'localhost:8081',
  'LOCALHOST:8081',
  'registry.localhost:80',
  '127.0.0.1',
  '127.0.0.1:8081',
  '127.9.9.9:1',
  '[::1]',
  '[::1]:8081',
])('an open registry is there for whoever calls it %s', async (host) => {
  expect((await send(open, 'GET /subjects', undefined, { host })).status).toBe(200)
})

test.each([
  'evil.example',
  'evil.example:8081',
  'localhost.evil.example',
  'evillocalhost',
  '127.0.0.1.evil.example',
  '127.evil.example',
  'localhost:8081@evil.example',
  '10.0.0.7:8081',
  '0.0.0.0:8081',
  '[::2]:8081',
  '169.254.169.254',
])('and refuses every request under the name %s, which a page may have pointed here', async (host) => {
  expect(await send(open, 'GET /subjects', undefined, { host })).toMatchObject({
    status: 403,
    body: { error_code: 40301, message: expect.stringContaining(`the Host "${host}" does not name it`) },
  })
  expect(await send(open, 'PUT /api/services/votes', {}, { host })).toMatchObject({
    status: 403,
    type: 'application/problem+json',
    body: { code: 'access.foreign-host' },
  })
  expect((await send(open, 'GET /nowhere', undefined, { host })).status).toBe(403)
  expect((await send(open, 'GET /ready', undefined, { host })).status).toBe(200)
})

test.each([
  ['a page of its own', { origin: 'http://localhost:80' }, 200],
  ['a page that the settings name', { origin: 'https://console.example' }, 200],
  ['a page from elsewhere', { origin: 'https://evil.example' }, 403],
  ['a page on another port', { origin: 'http://localhost:3000' }, 403],
  ['a page under another scheme', { origin: 'https://localhost:80' }, 403],
  ['a page without an origin of its own', { origin: 'null' }, 403],
  ['a picture in a page from elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['a script in a page on another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 403],
  ['whoever follows a link from elsewhere', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  ['whoever types the address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
  ['a program', {}, 200],
])('%s is answered as it should be', async (_who, headers, status) => {
  expect((await send(open, 'GET /subjects', undefined, { host: 'localhost:80', ...headers })).status).toBe(status)
})

test('without a Host at all there is no answer', async () => {
  const url = new URL(await listening(open))
  const { promise, resolve } = Promise.withResolvers<number | undefined>()
  const asked = request({ port: url.port, host: url.hostname, path: '/subjects', setHost: false })
  asked.on('response', (answer) => resolve(answer.resume().statusCode)).end()
  expect(await promise).toBe(400)
})

test('a registry that wants tokens asks for no name: a page has none', async () => {
  await using registry = await guarded()
  const headers = {
    ...(await bearing(registry, ['register:*'])),
    host: 'registry.example',
    origin: 'https://a.example',
  }
  expect((await send(registry, 'GET /subjects', undefined, headers)).status).toBe(200)
  expect((await send(registry, 'GET /subjects', undefined, { origin: 'https://a.example' })).status).toBe(401)
})

test('whoever reaches an open registry may do everything', async () => {
  expect((await register(open, 'votes', {})).status).toBe(200)
  expect((await send(open, 'POST /api/tokens', { name: 'first', scopes: ['admin'] })).status).toBe(201)
})
