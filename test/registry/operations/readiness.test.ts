import { expect, test } from 'vitest'
import { send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

test('is ready while the store answers', async () => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, 'GET /ready')).toMatchObject({ status: 200, body: { status: 'ready' } })
})

test('lives, and is not ready, when the store is closed', async () => {
  await using registry = await temporaryRegistry()
  await registry.store.close()
  const notReady = { status: 'not_ready', error: 'Database unavailable' }
  expect(await send(registry, 'GET /ready')).toMatchObject({ status: 503, body: notReady })
  expect(await send(registry, 'GET /health')).toMatchObject({ status: 200 })
})
