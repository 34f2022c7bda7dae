import { expect, inject, onTestFinished, test } from 'vitest'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { redisAt, sharedRedis, uniqueName } from './stream.ts'
import { waitFor } from './wait-for.ts'

async function broken() {
  const proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const redis = redisAt(proxy.url)
  redis.on('error', () => undefined)
  const [direct, key] = [sharedRedis(), uniqueName('proxy')]
  await redis.ping()
  return { proxy, redis, direct, key }
}

const isGone = (proxy: FaultProxy) => waitFor('the connection to be cut', () => proxy.connections() === 0)

test('swallows replies: the server executes and the client hears after the cut only, from a second try', async () => {
  const { proxy, redis, direct, key } = await broken()
  proxy.swallow()
  const counted = redis.incr(key)
  await waitFor('the server to execute', async () => (await direct.get(key)) === '1')
  proxy.cut()
  expect(await counted).toBe(2)
})

test('swallows the reply of the next request that holds a text', async () => {
  const { proxy, redis, key } = await broken()
  proxy.swallowNext(key)
  expect(await redis.ping()).toBe('PONG')
  expect(await redis.incr(key)).toBe(2)
  expect(proxy.armed()).toBe(0)
})

test('cuts before the next request reaches the server', async () => {
  const { proxy, redis, key } = await broken()
  proxy.dropNext(key)
  expect(await redis.incr(key)).toBe(1)
})

test('delays replies in their order', async () => {
  const { proxy, redis, key } = await broken()
  proxy.delay(40)
  const started = performance.now()
  const first = redis.incr(key)
  proxy.delay(30)
  expect(await Promise.all([first, redis.incr(key)])).toEqual([1, 2])
  expect(performance.now() - started).toBeGreaterThan(28)
})

test('freezes: nothing passes and nothing closes until it heals', async () => {
  const { proxy, redis, direct, key } = await broken()
  proxy.freeze()
  const counted = redis.incr(key)
  await expect(Promise.race([counted, direct.ping()])).resolves.toBe('PONG')
  expect(await direct.exists(key)).toBe(0)
  expect(proxy.connections()).toBe(1)
  proxy.heal()
  expect(await counted).toBe(1)
})

test('refuses every connection until it heals', async () => {
  const { proxy, redis, key } = await broken()
  proxy.refuse()
  await isGone(proxy)
  const counted = redis.incr(key)
  proxy.heal()
  expect(await counted).toBe(1)
})
