import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from '../../../registry/server.ts'
import { waitFor } from '../../support/wait-for.ts'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const ANYWHERE = { host: '127.0.0.1', port: 0 }
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`

type Line = { readonly [name: string]: unknown }

async function loggingRegistry(level: string) {
  const lines: Line[] = []
  const stream = {
    write: (text: string) =>
      void lines.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
  }
  const registry = await temporaryRegistry({ logger: { level, stream } })
  return { ...registry, lines }
}

test('writes exactly one line for a request', async () => {
  await using registry = await loggingRegistry('info')
  await register(registry, 'votes', { type: 'string' })
  registry.lines.length = 0
  const url = await listen(registry.app, ANYWHERE)
  registry.lines.length = 0
  const answer = await fetch(`${url}/schemas/ids/1?token=secret`, {
    headers: { 'x-request-id': 'mine', traceparent: TRACEPARENT },
  })
  await answer.text()
  await waitFor('the line', () => registry.lines.length > 0)
  expect(registry.lines).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      pid: process.pid,
      hostname: expect.any(String),
      reqId: 'mine',
      identity: 'local',
      method: 'GET',
      route: '/schemas/ids/:id',
      status: 200,
      durationMs: expect.any(Number),
      address: '127.0.0.1',
      bytes: expect.any(Number),
      traceId: TRACE,
      msg: 'request',
    },
  ])
  const [{ bytes, durationMs } = {}] = registry.lines
  expect(bytes).toBeGreaterThan(Number(answer.headers.get('content-length')))
  expect(durationMs).toBeGreaterThan(0)
})

test.each([
  ['GET /nowhere', 'unknown', 404],
  ['GET /schemas/ids/%zz', 'unknown', 400],
  ['POST /subjects/votes/versions', '/subjects/:subject/versions', 415],
] as const)('writes one line for %s too', async (to, route, status) => {
  await using registry = await loggingRegistry('info')
  await send(registry, to, 'text', { 'content-type': 'text/plain' })
  expect(registry.lines).toEqual([expect.objectContaining({ level: 30, route, status, msg: 'request' })])
})

test.each(['/health', '/ready', '/metrics'])('writes of %s at debug only', async (path) => {
  await using quiet = await loggingRegistry('info')
  await send(quiet, `GET ${path}` as 'GET /')
  expect(quiet.lines).toEqual([])
  await using talkative = await loggingRegistry('debug')
  await send(talkative, `GET ${path}` as 'GET /')
  expect(talkative.lines).toEqual([expect.objectContaining({ level: 20, route: path, status: 200 })])
})

test('writes of failures alone at warn, beside the error itself', async () => {
  await using registry = await loggingRegistry('warn')
  await send(registry, 'GET /subjects')
  await registry.store.close()
  await send(registry, 'GET /subjects', undefined, { 'x-request-id': 'mine' })
  expect(registry.lines).toEqual([
    expect.objectContaining({ level: 50, reqId: 'mine', err: expect.objectContaining({ code: 'store.closed' }) }),
    expect.objectContaining({ level: 50, reqId: 'mine', route: '/subjects', status: 503, msg: 'request' }),
  ])
})

test('writes of a request whose sender has gone, with its address', async () => {
  await using registry = await loggingRegistry('info')
  const url = await listen(registry.app, ANYWHERE)
  registry.lines.length = 0
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(
    'POST /subjects/votes/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  )
  await once(registry.app.server, 'request')
  socket.destroy()
  await waitFor('the line', () => registry.lines.length > 0)
  expect(registry.lines).toEqual([expect.objectContaining({ status: 499, address: '127.0.0.1', level: 30 })])
})

test('answers the place in the trace that was sent, and nothing for what is none', async () => {
  await using registry = await temporaryRegistry()
  const sent = await send(registry, 'GET /subjects', undefined, { traceparent: TRACEPARENT })
  expect(sent.headers.traceresponse).toBe(TRACEPARENT)
  for (const traceparent of ['', '00-0-0-0', `ff-${TRACE}-00f067aa0ba902b7-01`, 'x'.repeat(10_000)])
    expect((await send(registry, 'GET /subjects', undefined, { traceparent })).headers).not.toHaveProperty(
      'traceresponse',
    )
})
