import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startShipping } from './shipping.ts'

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

test('an order that breaks the contract is parked whole, and the next one is shipped', async () => {
  const redis = new Redis(url)
  const broken = await redis.xadd('orders', '*', 'order_id', 'o-1', 'express', 'yes')
  await redis.xadd('orders', '*', 'order_id', 'o-2', 'express', 'true')
  const ship = vi.fn<(orderId: string, express: boolean) => void>()
  const shipping = startShipping(redis, ship)
  onTestFinished(async () => {
    await shipping.close()
    await redis.quit()
  })
  await vi.waitFor(() => expect(ship.mock.calls).toEqual([['o-2', true]]))
  const [[, dead] = []] = await redis.xrange('{orders}:dead:shipping', '-', '+')
  expect(dead?.slice(0, 4)).toEqual(['order_id', 'o-1', 'express', 'yes'])
  expect(dead?.slice(4, 8)).toEqual(['_dead_reason', 'contract_broken', '_dead_id', broken])
})
