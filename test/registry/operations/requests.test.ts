import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from '../../../registry/server.ts'
import { waitFor } from '../../support/wait-for.ts'
import { type ParsedSample, parseMetrics, valueIn } from '../../telemetry/prometheus-text.ts'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const ANYWHERE = { host: '127.0.0.1', port: 0 }
const BY_ID = '/schemas/ids/:id'

type Registry = Parameters<typeof send>[0]

async function metricsOf(registry: Registry): Promise<string> {
  return (await send(registry, 'GET /metrics')).text
}

async function requestsIn(registry: Registry): Promise<readonly ParsedSample[]> {
  return parseMetrics(await metricsOf(registry)).get('http_requests_total')?.samples ?? []
}

test('counts requests by method, route and status, and how long they took', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', { type: 'string' })
  for (const id of [1, 1, 2]) await send(registry, `GET /schemas/ids/${id}`)
  await registry.app.inject({ method: 'HEAD', url: '/schemas/ids/1' })
  await registry.app.inject({ method: 'OPTIONS', url: '/schemas/ids/1' })
  const text = await metricsOf(registry)
  const count = (labels: object) => valueIn(text, 'http_requests_total', { ...labels })
  expect(count({ method: 'GET', route: BY_ID, status: '200' })).toBe(2)
  expect(count({ method: 'GET', route: BY_ID, status: '404' })).toBe(1)
  expect(count({ method: 'HEAD', route: BY_ID, status: '200' })).toBe(1)
  expect(count({ method: 'OPTIONS', route: 'unknown', status: '404' })).toBe(1)
  expect(count({ method: 'POST', route: '/subjects/:subject/versions', status: '200' })).toBe(1)
  expect(valueIn(text, 'http_request_duration_seconds_count', { method: 'GET', route: BY_ID })).toBe(3)
})

test('counts what Fastify refuses before it looks for a route', async () => {
  await using registry = await temporaryRegistry()
  await send(registry, 'GET /schemas/ids/%zz')
  await send(registry, `GET /config/${'x'.repeat(3000)}`)
  const text = await metricsOf(registry)
  const of = { method: 'GET', route: 'unknown' }
  expect(valueIn(text, 'http_requests_total', { ...of, status: '400' })).toBe(1)
  expect(valueIn(text, 'http_requests_total', { ...of, status: '414' })).toBe(1)
})

test('has few series, whatever 2,000 strangers ask for', async () => {
  await using registry = await temporaryRegistry()
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE', 'SEARCH'] as const
  for (let i = 0; i < 2000; i++) {
    const method = methods[i % methods.length] ?? 'GET'
    const url = i % 3 === 0 ? `/nowhere/${i}` : i % 3 === 1 ? `/schemas/ids/x${i}` : `/config/s${i}?token=${i}`
    await registry.app.inject({ method, url })
  }
  const samples = await requestsIn(registry)
  expect(samples.reduce((sum, { value }) => sum + value, 0)).toBe(2000)
  expect(samples.length).toBeLessThan(25)
  const seen = (label: string) => new Set(samples.map(({ labels }) => labels[label]))
  expect(seen('route')).toEqual(new Set([BY_ID, '/config/:subject', 'unknown']))
  expect(seen('method')).toEqual(new Set([...methods.slice(0, 7), 'other']))
})

test('counts a request whose sender has gone as 499, and a broken one under no route', async () => {
  await using registry = await temporaryRegistry()
  const url = await listen(registry.app, ANYWHERE)
  const port = Number(new URL(url).port)
  const gone = connectTo(port)
  gone.write(
    'POST /subjects/votes/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  )
  await once(registry.app.server, 'request')
  gone.destroy()
  connectTo(port).write('nonsense\r\n\r\n')
  const count = async (labels: object) => valueIn(await metricsOf(registry), 'http_requests_total', { ...labels })
  const ofGone = { method: 'POST', route: '/subjects/:subject/versions', status: '499' }
  await waitFor('the one that has gone', async () => (await count(ofGone)) === 1)
  const ofBroken = { method: 'other', route: 'none', status: '400' }
  await waitFor('the broken one', async () => (await count(ofBroken)) !== undefined)
  expect([await count(ofGone), await count(ofBroken)]).toEqual([1, 1])
})

test('shows nothing, and gives no ids, where requests are not observed', async () => {
  await using registry = await temporaryRegistry({ metrics: false })
  expect((await send(registry, 'GET /metrics')).status).toBe(404)
  expect((await send(registry, 'GET /subjects')).headers).not.toHaveProperty('x-request-id')
})

function connectTo(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  // The server cuts the connection of whoever breaks the rules.
  return socket.on('error', () => socket.destroy()).resume()
}
