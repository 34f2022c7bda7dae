import { Redis } from 'ioredis'
import { describe, expect, inject, test } from 'vitest'
import { createLimiter } from '../../../registry/limits/limiter.ts'
import { createRegistryMetrics } from '../../../registry/operations/metrics.ts'
import { openRedis } from '../../../registry/redis.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { startRedis } from '../../support/redis.ts'
import { waitFor } from '../../support/wait-for.ts'

const RATE = { most: 5, windowMs: 60_000 }
const own = (name: string) => `${name}-${crypto.randomUUID()}`
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

async function connected(url = inject('redisUrl')) {
  const redis = await openRedis(url)
  await redis.settled
  return redis
}

describe('with Redis', () => {
  test('replicas share one window, to the request', async () => {
    await using one = await connected()
    await using other = await connected()
    const limiters = [one, other].map(({ client }) => createLimiter({ redis: client }))
    const key = own('shared')
    const rate = { most: 25, windowMs: 60_000 }
    const asked = range(30).flatMap(() => limiters.map(async (limiter) => limiter.take('write', key, rate)))
    const taken = await Promise.all(asked)
    expect(taken.filter(({ isAllowed }) => isAllowed)).toHaveLength(25)
    const lefts = taken.filter(({ isAllowed }) => isAllowed).map(({ left }) => left)
    expect(lefts.toSorted((a, b) => a - b)).toEqual(range(25))
  })

  test('a window slides, and says when there is room again', async () => {
    await using redis = await connected()
    const limiter = createLimiter({ redis: redis.client })
    const [key, rate] = [own('sliding'), { most: 1, windowMs: 300 }]
    expect(await limiter.take('write', key, rate)).toMatchObject({ isAllowed: true, left: 0 })
    const refused = await limiter.take('write', key, rate)
    expect(refused).toMatchObject({ isAllowed: false, left: 0 })
    expect(refused.freeInMs).toBeGreaterThan(0)
    expect(refused.freeInMs).toBeLessThanOrEqual(300)
    await waitFor('room', async () => (await limiter.take('write', key, rate)).isAllowed)
    await waitFor('the key to expire', async () => (await redis.client.exists(`concordat:rate:write:${key}`)) === 0)
  })

  test('who was refused is refused again without asking Redis, until there is room', async () => {
    await using redis = await connected()
    const limiter = createLimiter({ redis: redis.client })
    const [key, rate] = [own('full'), { most: 1, windowMs: 60_000 }]
    await limiter.take('write', key, rate)
    expect(await limiter.take('write', key, rate)).toMatchObject({ isAllowed: false })
    await redis.client.del(`concordat:rate:write:${key}`)
    expect(await limiter.take('write', key, rate)).toMatchObject({ isAllowed: false })
    expect(await limiter.take('token', key, rate)).toMatchObject({ isAllowed: true })
  })

  test('moments that are yet to come, after a clock was set back, do not count', async () => {
    await using redis = await connected()
    const key = own('back')
    await redis.client.zadd(`concordat:rate:write:${key}`, 4e15, 'later')
    expect(await createLimiter({ redis: redis.client }).take('write', key, RATE)).toMatchObject({ left: 4 })
  })
})

describe('without an answer from Redis', () => {
  test('classes that fail open are judged in memory meanwhile, and those that fail closed are refused', async () => {
    await using server = await startRedis()
    await using redis = await connected(server.url)
    const limiter = createLimiter({ redis: redis.client })
    const take = async (name: 'token' | 'write') => limiter.take(name, 'a', RATE)
    expect(await take('token')).toMatchObject({ isAllowed: true, left: 4 })
    await server.stop('KILL')
    const judged = []
    for (const _ of range(7)) judged.push((await take('write')).isAllowed)
    expect(judged).toEqual([true, true, true, true, true, false, false])
    await expect(take('token')).rejects.toMatchObject({
      code: 'rate.unknown',
      message: expect.stringMatching(/^Nobody can tell how many requests about tokens .* try again in 5 s\.$/),
    })
    await server.start()
    await waitFor('Redis to be asked again', () =>
      take('token').then(
        ({ left }) => left < 5,
        () => false,
      ),
    )
    expect(await take('write')).toMatchObject({ isAllowed: true })
  })

  test('nobody waits for longer than a moment, and soon nobody asks', async () => {
    await using proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
    const redis = new Redis(proxy.url, { enableOfflineQueue: false, retryStrategy: () => null })
    redis.on('error', () => {})
    await waitFor('a connection', () => redis.status === 'ready')
    const metrics = createRegistryMetrics()
    const limiter = createLimiter({ redis, watchBreaker: metrics.watchBreaker })
    const key = own('silent')
    await limiter.take('write', key, RATE)
    expect(await metrics.text()).toContain('circuit_breaker_state{name="redis"} 0')
    proxy.freeze()
    const started = performance.now()
    await Promise.all(range(5).map(async () => limiter.take('write', key, RATE)))
    const waited = performance.now() - started
    expect(waited).toBeGreaterThan(90)
    expect(waited).toBeLessThan(1000)
    const text = await metrics.text()
    expect(text).toContain('circuit_breaker_state{name="redis"} 2')
    expect(text).toContain('circuit_breaker_failures_total{name="redis"} 5')
    const before = performance.now()
    expect(await limiter.take('write', own('other'), RATE)).toMatchObject({ isAllowed: true, left: 4 })
    expect(performance.now() - before).toBeLessThan(90)
    redis.disconnect()
  })
})
