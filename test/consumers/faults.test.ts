import { expect, inject, onTestFinished, test } from 'vitest'
import { NoAnswer } from '../../consumers/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { redisAt, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { lettersOf, settled, type TallyOptions, tally, votes, write } from './tally.ts'

/** A consumer behind a proxy that breaks things, and a client that nothing breaks. */
async function behindProxy() {
  const proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
  onTestFinished(() => proxy[Symbol.asyncDispose]())
  const [redis, contract, broken] = [sharedRedis(), votes(), redisAt(proxy.url)]
  broken.on('error', () => undefined)
  const start = (options?: TallyOptions) => tally(broken, contract, options)
  const allSettled = () => settled(redis, contract)
  return { proxy, redis, contract, start, allSettled }
}

test('an answer with messages that is lost on its way: they are read again', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  await write(redis, contract, 1, 2, 3)
  proxy.swallowNext('xreadgroup')
  await using counting = start()
  await waitFor('all messages', () => counting.handled.length === 3)
  expect(proxy.armed()).toBe(0)
  expect(counting.numbers()).toEqual([1, 2, 3])
  await allSettled()
})

test('an acknowledgement whose answer is lost is sent again, and nothing is handled twice', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  proxy.swallowNext('xack')
  await write(redis, contract, 1, 2)
  await using counting = start()
  await waitFor('the fault', () => proxy.armed() === 0)
  await allSettled()
  await write(redis, contract, 3)
  await waitFor('the third message', () => counting.numbers().includes(3))
  expect(counting.numbers()).toEqual([1, 2, 3])
})

test('an acknowledgement that never reaches the server is sent again, and nothing is handled twice', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  proxy.dropNext('xack')
  await write(redis, contract, 1, 2)
  await using counting = start()
  await waitFor('the fault', () => proxy.armed() === 0)
  await allSettled()
  expect(counting.numbers()).toEqual([1, 2])
  expect(counting.errors.length).toBeGreaterThan(0)
})

test('a dead letter whose answer is lost is there exactly once, and told', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  proxy.swallowNext('_dead_reason')
  await write(redis, contract, 'x', 1)
  await using counting = start()
  await waitFor('the letter', () => counting.parked.length === 1)
  await allSettled()
  expect(proxy.armed()).toBe(0)
  expect(await lettersOf(redis, contract)).toHaveLength(1)
  expect(counting.numbers()).toEqual([1])
})

test('connections that are silently dead are thrown away and made again', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  await using counting = start()
  await write(redis, contract, 1)
  await waitFor('the first message', () => counting.handled.length === 1)
  const before = proxy.connections()
  proxy.freeze()
  await write(redis, contract, 2)
  await waitFor('the watchdog', () => counting.errors.some((error) => error instanceof NoAnswer))
  expect(counting.running.isReady()).toBe(false)
  proxy.heal()
  await waitFor('the second message', () => counting.handled.length === 2)
  await allSettled()
  expect(counting.running.isReady()).toBe(true)
  await waitFor('as many connections as before', () => proxy.connections() === before)
})

test('slow answers lose nothing and hand out nothing twice', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  proxy.delay(150)
  await write(redis, contract, 1, 'x', 2)
  await using counting = start()
  await allSettled()
  expect([counting.numbers(), counting.parked.length]).toEqual([[1, 2], 1])
})

test('a server that refuses everybody for a while is asked again, in growing pauses', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  proxy.refuse()
  await write(redis, contract, 1)
  await using counting = start()
  await waitFor('a few errors', () => counting.errors.length > 3)
  expect([counting.running.isAlive(), counting.running.isReady()]).toEqual([true, false])
  proxy.heal()
  await waitFor('the message', () => counting.handled.length === 1)
  await allSettled()
})

test('a later try whose count cannot be told to the server waits until it can', async () => {
  const { proxy, redis, contract, start, allSettled } = await behindProxy()
  let tries = 0
  const handle = () => {
    if (tries++ > 0) return
    // the count of the second try is the next that is said
    proxy.dropNext('evalsha')
    throw new Error('not yet')
  }
  await write(redis, contract, 1)
  await using _ = start({ handle })
  await allSettled()
  expect([tries, proxy.armed()]).toEqual([2, 0])
})
