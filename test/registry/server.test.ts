import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { listen } from '../../registry/server.ts'
import { temporaryRegistry } from './temporary.ts'

const QUICK = { headersTimeoutMs: 200, requestTimeoutMs: 300, checkingIntervalMs: 50 }
const ANYWHERE = { host: '127.0.0.1', port: 0 }

test.each([
  ['headers', 'GET /subjects HTTP/1.1\r\nHost: localhost\r\n'],
  [
    'a body',
    'POST /subjects/votes/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  ],
])('answers 408 to %s that never arrive', async (_what, beginning) => {
  await using registry = await temporaryRegistry({ limits: QUICK })
  using socket = connectTo(await listen(registry.app, ANYWHERE))
  socket.write(beginning)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(answer).toContain('{"error_code":408,"message":"The request did not arrive in time."}')
})

test.each([
  ['no HTTP', 'nonsense\r\n\r\n', 400],
  ['huge headers', `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
])('answers %s with a refusal, and goes on', async (_what, bytes, status) => {
  await using registry = await temporaryRegistry()
  const url = await listen(registry.app, ANYWHERE)
  using socket = connectTo(url)
  socket.write(bytes)
  expect(await text(socket)).toContain(`HTTP/1.1 ${status} `)
  expect((await fetch(url)).status).toBe(200)
})

test('answers 413 to one who is still sending, and cuts one who never ends', async () => {
  await using registry = await temporaryRegistry({ limits: { ...QUICK, bodyBytes: 1000 } })
  const url = await listen(registry.app, ANYWHERE)
  const headers = { 'content-type': 'application/json' }
  const refused = await fetch(`${url}/subjects/votes/versions`, {
    method: 'POST',
    headers,
    body: 'a'.repeat(5_000_000),
  })
  expect(refused.status).toBe(413)
  using socket = connectTo(url)
  socket.write('POST /subjects/votes/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n')
  socket.write('Content-Length: 5000000\r\n\r\naaaa')
  expect(await text(socket)).toContain('HTTP/1.1 413 ')
})

test('answers others while two hundred sockets idle', async () => {
  await using registry = await temporaryRegistry()
  const url = await listen(registry.app, ANYWHERE)
  using sockets = new DisposableStack()
  for (let i = 0; i < 200; i++) sockets.use(connectTo(url)).write('GET / HTTP/1.1\r\n')
  expect((await fetch(`${url}/subjects`)).status).toBe(200)
})

test('names the port that is taken', async () => {
  await using one = await temporaryRegistry()
  await using other = await temporaryRegistry()
  const port = Number(new URL(await listen(one.app, ANYWHERE)).port)
  const refused = listen(other.app, { host: '127.0.0.1', port })
  await expect(refused).rejects.toMatchObject({
    code: 'server.port-taken',
    message: expect.stringContaining(`Port ${port}`),
  })
})

function connectTo(url: string): Socket & Disposable {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  // The server may cut the connection while it is still being written to.
  socket.on('error', () => socket.destroy())
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() })
}
