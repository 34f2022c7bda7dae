import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { LATEST_MS } from '../../../registry/limits/load.ts'
import { shedLoad } from '../../../registry/limits/shedding.ts'
import { createRegistryMetrics } from '../../../registry/operations/metrics.ts'
import { listen } from '../../../registry/server.ts'
import { waitFor } from '../../support/wait-for.ts'
import { temporaryRegistry } from '../temporary.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const body = '{"compatibility":"NONE"}'

test('turns away what comes when too many requests are under way, but for questions about the process', async () => {
  const metrics = createRegistryMetrics()
  await using registry = await temporaryRegistry({ mostInFlight: 3, metrics })
  const url = await listen(registry.app, { host: '127.0.0.1', port: 0 })
  const statusOf = async (path: string) => (await fetch(url + path)).status
  using database = new DatabaseSync(`${registry.folder}/concordat.db`)
  // Writes wait while somebody else writes to the file.
  database.exec('BEGIN IMMEDIATE')
  const held = new AbortController()
  const hold = (signal?: AbortSignal) =>
    fetch(`${url}/config/votes`, { method: 'PUT', headers: JSON_TYPE, body, ...(signal && { signal }) })
  const [one, two, cut] = [hold(), hold(), hold(held.signal).catch(() => 'cut')]
  await waitFor('three under way', async () => (await statusOf('/subjects')) === 503)
  const refused = await fetch(`${url}/subjects`)
  expect(refused.headers.get('retry-after')).toMatch(/^[123]$/)
  expect(await refused.json()).toEqual({
    error_code: 50002,
    message: expect.stringMatching(
      /^The registry has too much to do \(as many .* as MOST_IN_FLIGHT allows\): try again in [123] s\.$/,
    ),
  })
  expect(await (await fetch(`${url}/api/services`)).json()).toMatchObject({ code: 'server.crowded', status: 503 })
  expect(await Promise.all(['/health', '/ready', '/metrics'].map(statusOf))).toEqual([200, 200, 200])
  expect(await metrics.text()).toContain('concordat_requests_shed_total{reason="in-flight"} 3')
  // One that is cut off is no longer under way, nor is one that was answered.
  held.abort()
  expect(await cut).toBe('cut')
  await waitFor('room', async () => (await statusOf('/subjects')) === 200)
  database.exec('COMMIT')
  expect((await Promise.all([one, two])).map(({ status }) => status)).toEqual([200, 200])
  expect(await statusOf('/subjects')).toBe(200)
})

test('turns away what comes while the event loop is late again and again', async () => {
  const metrics = createRegistryMetrics()
  await using registry = await temporaryRegistry({ metrics })
  await listen(registry.app, { host: '127.0.0.1', port: 0 })
  const statusOf = async (path: string) => (await registry.app.inject(path)).statusCode
  expect(await statusOf('/subjects')).toBe(200)
  for (const _ of [1, 2]) {
    keepBusy(LATEST_MS + 100)
    await wait(0)
  }
  expect(await Promise.all(['/subjects', '/health'].map(statusOf))).toEqual([503, 200])
  expect(await metrics.text()).toContain('concordat_requests_shed_total{reason="event-loop"} 1')
  await waitFor('room', async () => (await statusOf('/subjects')) === 200)
})

test('counts nobody whose body has not come yet', async () => {
  await using registry = await temporaryRegistry({ mostInFlight: 1 })
  const url = await listen(registry.app, { host: '127.0.0.1', port: 0 })
  using sockets = new DisposableStack()
  for (const _ of [1, 2, 3]) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
    sockets.defer(() => void socket.destroy())
    socket.write('PUT /config HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n')
    socket.write('Expect: 100-continue\r\nContent-Length: 24\r\n\r\n')
    await once(socket, 'data')
  }
  expect((await fetch(`${url}/subjects`)).status).toBe(200)
})

test('counts nobody who has gone while it was found out who asks', async () => {
  await using app = Fastify()
  const known = Promise.withResolvers<void>()
  shedLoad(app, { mostInFlight: 1 })
  app.addHook('onRequest', async (request) => {
    if (request.url === '/asked') await known.promise
  })
  const validated: string[] = []
  app.addHook('preValidation', async ({ url }) => void validated.push(url))
  app.get('/*', async () => 'answered')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  const [accepted] = (await Promise.all([
    once(app.server, 'request'),
    once(socket, 'connect').then(() => socket.write('GET /asked HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')),
  ])) as [[IncomingMessage, ServerResponse], unknown]
  const gone = once(accepted[1], 'close')
  socket.destroy()
  await gone
  known.resolve()
  await waitFor('its turn', () => validated.includes('/asked'))
  expect((await fetch(url)).status).toBe(200)
})

test('counts nobody who asks for what is not there, or how the process is', async () => {
  await using app = Fastify()
  const answered = Promise.withResolvers<string>()
  shedLoad(app, { mostInFlight: 1 })
  app.get('/ready', () => answered.promise)
  app.get('/subjects', async () => 'answered')
  app.setNotFoundHandler(() => answered.promise)
  const waiting = ['/ready', '/none'].map((url) => app.inject(url))
  await app.ready()
  expect((await app.inject('/subjects')).statusCode).toBe(200)
  answered.resolve('late')
  expect((await Promise.all(waiting)).map(({ payload }) => payload)).toEqual(['late', 'late'])
})

test('tells nobody of what it turns away, however much that is', async () => {
  const logged: string[] = []
  const logger = { level: 'warn', stream: { write: (line: string) => void logged.push(line) } }
  await using registry = await temporaryRegistry({ mostInFlight: 0, logger })
  expect((await registry.app.inject('/subjects')).statusCode).toBe(503)
  expect(logged.filter((line) => line.includes('too much to do'))).toEqual([])
})

function keepBusy(forMs: number): void {
  const until = performance.now() + forMs
  while (performance.now() < until);
}
