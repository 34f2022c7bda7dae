/*
 * Each input and each fault that a registry has to bear is a row with a test that names it. Those that are not below:
 *
 * schema with a `$ref` to another machine or a file     test/registry/schema-registry/hostile.test.ts, "references"
 * a pattern that backtracks                             test/registry/schema-registry/event-loop.test.ts
 * an invalid regex                                      test/registry/schema-registry/hostile.test.ts, "patterns"
 * a schema of 10 MB; nesting depth 10,000               test/registry/schema-registry/hostile.test.ts, "sizes"
 * `$ref` cycles                                         test/registry/schema-registry/hostile.test.ts, "references"
 * an enum of a million values, and its like             test/registry/schema-registry/hostile.test.ts, "sizes"
 * 500 registrations at once on two registries           test/registry/schema-registry/concurrency.test.ts
 * kill -9 while writing                                 test/crash
 * `__proto__`, `constructor`, a required toString       test/registry/schema-registry/refusals.test.ts, hostile.test.ts
 * HTML in descriptions                                  test/registry/schema-registry/hostile.test.ts, "texts"
 * invalid UTF-8, duplicate keys, 1e400, U+0000          test/registry/schema-registry/refusals.test.ts
 * wrong tokens; 10,000 bad tokens a minute              test/registry/access
 * SIGTERM with 200 requests in flight                   test/cli/serve.test.ts, "stopping"
 *
 * Redis under a consumer, poison entries and dead letters are rows of the guards: test/consumers, test/producers.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, inject, test } from 'vitest'
import { createRegistryMetrics } from '../../../registry/operations/metrics.ts'
import { buildServer, listen, SERVER_LIMITS } from '../../../registry/server.ts'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { createDatabase } from '../../support/postgres.ts'
import { waitFor } from '../../support/wait-for.ts'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const ANYWHERE = { host: '127.0.0.1', port: 0 }
const QUICK = { headersTimeoutMs: 300, requestTimeoutMs: 500, checkingIntervalMs: 50 }
/** Nobody is sent away while the others come. */
const PATIENT = { headersTimeoutMs: 60_000, requestTimeoutMs: 60_000 }
const HEAD = 'POST /subjects/votes/versions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
const SMALL = '{"schemaType":"JSON","schema":"{}"}'

test('row: slow headers are answered 408 within 5 s, and a slow body within 10 s', () => {
  const { headersTimeoutMs, requestTimeoutMs, checkingIntervalMs } = SERVER_LIMITS
  expect(headersTimeoutMs + checkingIntervalMs).toBeLessThanOrEqual(5000)
  expect(requestTimeoutMs + checkingIntervalMs).toBeLessThanOrEqual(10_000)
})

test.each([
  ['headers that come byte by byte', 'GET /subjects HTTP/1.1\r\nHost: 127.0.0.1\r\n', 'x'],
  ['a body that comes byte by byte', `${HEAD}Content-Length: 1000000\r\n\r\n{"schema":"`, 'x'],
  ['chunks that never end', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  ['a socket that never says anything', '', ''],
])('row: slow headers, slow body: %s end in 408, and others are answered meanwhile', async (_what, beginning, drop) => {
  const metrics = createRegistryMetrics()
  await using registry = await temporaryRegistry({ limits: QUICK, metrics })
  const url = await listen(registry.app, ANYWHERE)
  using socket = connectTo(url)
  // Not `once`, which rejects when the connection is reset.
  const ended = new Promise((resolve) => void socket.resume().once('close', resolve))
  using _dripping = drip(socket, beginning, drop)
  expect((await fetch(`${url}/subjects`)).status).toBe(200)
  await ended
  // Whoever is still sending may see the end of the connection in place of the answer.
  expect(await metrics.text()).toMatch(/^http_requests_total\{.*status="408"\} 1$/m)
})

test('row: 2,000 idle sockets leave others unaffected', async () => {
  await using registry = await temporaryRegistry({ limits: PATIENT })
  const url = await listen(registry.app, ANYWHERE)
  using sockets = new DisposableStack()
  for (const wanted of [400, 800, 1200, 1600, 2000]) {
    // Fewer at a time than may wait to be accepted: the system forgets the rest.
    for (let i = 0; i < 400; i++) sockets.use(connectTo(url))
    await waitFor('them', async () => (await connectionsOf(registry.app.server)) >= wanted)
  }
  const asked = performance.now()
  expect((await fetch(`${url}/subjects`)).status).toBe(200)
  expect(performance.now() - asked).toBeLessThan(500)
})

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['gzip, gzip', (bytes: Buffer) => gzipSync(gzipSync(bytes))],
])('row: a %s bomb is answered 415 on either surface without inflating it', async (encoding, compress) => {
  await using registry = await temporaryRegistry()
  const bomb = compress(Buffer.alloc(20_000_000, ' '))
  const headers = { 'content-encoding': encoding }
  await registry.app.ready()
  const before = process.memoryUsage().arrayBuffers
  expect(await send(registry, 'POST /subjects/votes/versions', bomb, headers)).toMatchObject({ status: 415 })
  expect(await send(registry, 'PUT /api/services/tally', bomb, headers)).toMatchObject({ status: 415 })
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
})

test.each([
  ['headers of more than 16 KiB', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`, 431],
  ['an address of more than 16 KiB', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, 431],
  ['a long name', `GET /subjects/${'a'.repeat(3000)}/versions HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`, 414],
  ['a body that says that it is too large', `${HEAD}Content-Length: 99999999\r\n\r\n`, 413],
  ['two lengths', `${HEAD}Content-Length: 35\r\nContent-Length: 36\r\n\r\n${SMALL}`, 400],
  [
    'a length and chunks',
    `${HEAD}Content-Length: 35\r\nTransfer-Encoding: chunked\r\n\r\n23\r\n${SMALL}\r\n0\r\n\r\n`,
    400,
  ],
  ['a header with a line feed alone', `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: a\nB: b\r\n\r\n`, 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
])('row: oversized or ambiguous requests: %s is refused, and the process goes on', async (_what, bytes, status) => {
  await using registry = await temporaryRegistry()
  const url = await listen(registry.app, ANYWHERE)
  using socket = connectTo(url)
  socket.write(bytes)
  const [answer] = await once(socket, 'data')
  expect(String(answer)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect((await fetch(`${url}/subjects`)).status).toBe(200)
})

test('row: PostgreSQL away during publish: 503 with Retry-After, not ready but alive, and nothing acknowledged is lost', async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  const url = new URL(database.url)
  await using proxy = await startFaultProxy(Number(url.port))
  url.port = String(proxy.port)
  await using store = await openPostgresStore({ url: url.href, timeoutMs: 1000, acquireTimeoutMs: 1000 })
  await using app = buildServer({ store })
  const registry = { app }
  const publish = (version: number, key = `${version}`) =>
    send(registry, `PUT /api/services/tally/versions/${version}`, {}, { 'idempotency-key': key })
  await register(registry, 'votes', '{}')
  expect(await publish(1)).toMatchObject({ status: 201 })
  expect((await send(registry, 'GET /schemas/ids/1')).status).toBe(200)
  proxy.refuse()
  const away = { status: 503, headers: { 'retry-after': '1' } }
  expect(await publish(2)).toMatchObject({ ...away, body: { code: 'store.unavailable' } })
  expect(await register(registry, 'votes', '{}')).toMatchObject({ ...away, body: { error_code: 50001 } })
  expect(await send(registry, 'GET /ready')).toMatchObject({ status: 503 })
  expect(await send(registry, 'GET /health')).toMatchObject({ status: 200 })
  expect(await send(registry, 'GET /schemas/ids/1')).toMatchObject({ status: 200, body: { schema: '{}' } })
  proxy.heal()
  await waitFor('readiness', async () => (await send(registry, 'GET /ready')).status === 200)
  expect(await publish(1)).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
  expect(await publish(2)).toMatchObject({ status: 201 })
  const { body } = await send(registry, 'GET /api/services/tally')
  expect(JSON.stringify(body)).toMatch(/"version":"2".*"version":"1"/)
})

test('row: slow readers: who asks for much and reads nothing is cut off', async () => {
  await using registry = await temporaryRegistry({ limits: { silenceTimeoutMs: 500 } })
  const url = await listen(registry.app, ANYWHERE)
  await register(registry, 'votes', { description: 'x'.repeat(1_500_000) })
  using socket = connectTo(url)
  socket.pause()
  socket.write('GET /schemas/ids/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(20))
  await waitFor('the connection', async () => (await connectionsOf(registry.app.server)) === 1)
  await waitFor('its end', async () => (await connectionsOf(registry.app.server)) === 0)
  expect((await fetch(`${url}/subjects`)).status).toBe(200)
})

function connectTo(url: string): Socket & Disposable {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  // The server may cut the connection while it is still being written to.
  socket.on('error', () => socket.destroy())
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() })
}

/** Sends a beginning, and then a drop now and then until the socket has gone. */
function drip(socket: Socket, beginning: string, drop: string): Disposable {
  const ended = new AbortController()
  socket.write(beginning)
  const go = async () => {
    while (!ended.signal.aborted && socket.writable) {
      if (drop !== '') socket.write(drop)
      await wait(50)
    }
  }
  void go()
  return { [Symbol.dispose]: () => ended.abort() }
}

function connectionsOf(server: { getConnections(tell: (error: Error | null, count: number) => void): unknown }) {
  return new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}
