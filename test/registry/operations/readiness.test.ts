import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { type Operations, operations, READY_DEADLINE_MS } from '../../../registry/operations/readiness.ts'
import { send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const answers = { check: async () => {} }
const hangs = { check: () => new Promise<void>(() => {}) }
const fails = { check: () => Promise.reject(new Error('gone')) }

test('is ready while the store answers', async () => {
  await using registry = await temporaryRegistry()
  const ready = await send(registry, 'GET /ready')
  expect({ status: ready.status, text: ready.text }).toEqual({ status: 200, text: '{"status":"ready"}' })
})

test('is ready while the store and Redis answer', async () => {
  await using registry = await temporaryRegistry({ redis: answers })
  expect(await send(registry, 'GET /ready')).toMatchObject({ status: 200, body: { status: 'ready' } })
})

test('lives, and is not ready, when the store is closed', async () => {
  await using registry = await temporaryRegistry()
  await registry.store.close()
  const notReady = { status: 'not_ready', error: 'Database unavailable' }
  expect(await send(registry, 'GET /ready')).toMatchObject({ status: 503, body: notReady })
  expect(await send(registry, 'GET /health')).toMatchObject({ status: 200, body: { status: 'ok' } })
})

test.each([
  ['Redis fails', { store: answers, redis: fails }, 'Redis unavailable'],
  ['the database fails', { store: fails, redis: answers }, 'Database unavailable'],
  ['both fail', { store: fails, redis: fails }, 'Database unavailable, Redis unavailable'],
  ['Redis hangs', { store: answers, redis: hangs }, 'Redis unavailable'],
  ['the database hangs', { store: hangs, redis: answers }, 'Database unavailable'],
  ['both hang', { store: hangs, redis: hangs }, 'Database unavailable, Redis unavailable'],
])('is not ready when %s, and says so in time', async (_what, outside, error) => {
  await using registry = serving(outside)
  const asked = performance.now()
  const { status, text } = await send(registry, 'GET /ready')
  expect({ status, text }).toEqual({ status: 503, text: `{"status":"not_ready","error":"${error}"}` })
  expect(performance.now() - asked).toBeLessThan(1.4 * READY_DEADLINE_MS)
})

test('lives and asks nobody, whatever hangs', async () => {
  await using registry = serving({ store: hangs, redis: hangs })
  expect(await send(registry, 'GET /health')).toMatchObject({ status: 200, body: { status: 'ok' } })
})

function serving(outside: Operations) {
  const app = Fastify()
  app.register(operations, outside)
  return { app, [Symbol.asyncDispose]: () => app.close() }
}
