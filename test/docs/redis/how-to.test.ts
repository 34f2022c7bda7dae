import { Redis } from 'ioredis'
import { afterAll, expect, test, vi } from 'vitest'
import { placeOrder } from '../../../docs/how-to/place-order.ts'
import { startRedis } from '../../support/redis.ts'

const server = await startRedis()
afterAll(() => server[Symbol.asyncDispose]())

// The test that the how-to shows, as a reader would run it: with a Redis of its own that REDIS_URL names.
vi.stubEnv('REDIS_URL', server.url)
await import('../../../docs/how-to/shipping.test.ts')

test('the order of the how-to stands in the stream as it says', async () => {
  const redis = new Redis(server.url)
  const id = await placeOrder(redis, 2, 19.5)
  const [[found, fields] = []] = await redis.xrevrange('orders', '+', '-', 'COUNT', 1)
  expect(found).toBe(id)
  expect(fields).toEqual(['order_id', expect.any(String), 'items', '2', 'total', '19.5', 'express', 'false'])
  await redis.quit()
})
