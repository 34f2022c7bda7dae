import { expect, test } from 'vitest'
import { retire } from '../../consumers/index.ts'
import { pendingOf, redisAt, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { handOut, tally, type Vote, votes, write } from './tally.ts'

test('closing finishes the message in hand, acknowledges it and leaves the rest', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2)
  const [began, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const handle = () => {
    began.resolve()
    return gate.promise
  }
  const counting = tally(redis, contract, { handle })
  await began.promise
  expect(counting.running.isReady()).toBe(true)
  const closing = counting.close()
  gate.resolve()
  await closing
  expect(counting.running.state).toBe('closed')
  expect([counting.running.isAlive(), counting.running.isReady()]).toEqual([false, false])
  expect(await pendingOf(redis, contract.stream, 'tally')).toBe(1)
})

test('closing waits no longer than its deadline, and what was not finished comes again at the next start', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1)
  const began = Promise.withResolvers<void>()
  const handle = () => {
    began.resolve()
    return new Promise<void>(() => undefined)
  }
  const stuck = tally(redis, contract, { handle, closeDeadlineMs: 50 })
  await began.promise
  await stuck.close()
  await using next = tally(redis, contract)
  await waitFor('the message to come again', () => next.handled.length === 1)
  expect(next.numbers()).toEqual([1])
})

test('a paused consumer begins nothing until it is resumed', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await using counting = tally(redis, contract)
  await write(redis, contract, 1)
  await waitFor('the first message', () => counting.handled.length === 1)
  counting.running.pause()
  await write(redis, contract, 2)
  await using other = tally(redis, contract, { group: 'other' })
  await waitFor('others to have it', () => other.handled.length === 2)
  const tick = counting.running.lastTick
  await waitFor('the loop to come round', () => counting.running.lastTick > tick)
  expect(counting.numbers()).toEqual([1])
  expect([counting.running.state, counting.running.isAlive(), counting.running.isReady()]).toEqual([
    'paused',
    true,
    false,
  ])
  counting.running.resume()
  await waitFor('the second message', () => counting.handled.length === 2)
  expect(counting.numbers()).toEqual([1, 2])
})

test('a name with pending entries is not retired, and one without is gone', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const member = { stream: contract.stream, group: 'tally', consumer: 'old' }
  expect(await retire(redis, member)).toEqual({ isRetired: true, pending: 0 })
  await write(redis, contract, 1, 2)
  await handOut(redis, contract, 'old', 2)
  expect(await retire(redis, member)).toEqual({ isRetired: false, pending: 2 })
  const old = tally(redis, contract, { consumer: 'old' })
  await waitFor('all acknowledged', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  await old.close()
  expect(await retire(redis, member)).toEqual({ isRetired: true, pending: 0 })
  expect(await redis.xinfo('CONSUMERS', contract.stream, 'tally')).toEqual([])
})

test.each([
  ['RESP2', { protocol: 2 }],
  ['a lazy client', { lazyConnect: true }],
  ['a client that gives up soon', { commandTimeout: 30, maxRetriesPerRequest: 1, socketTimeout: 30 }],
  ['a client without an offline queue', { enableOfflineQueue: false, enableAutoPipelining: true }],
  ['RESP3 shapes', { replyMapping: 'resp3', stringNumbers: true }],
] as const)('works with %s', async (_, options) => {
  const [redis, contract] = [sharedRedis(), votes()]
  const chosen = redis.duplicate({ ...options })
  chosen.on('error', () => undefined)
  await write(redis, contract, 1, 'x')
  await handOut(redis, contract, 'same')
  await using counting = tally(chosen, contract, { consumer: 'same' })
  await waitFor('one handled, one parked', () => counting.handled.length === 1 && counting.parked.length === 1)
  await waitFor('all acknowledged', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  expect(counting.errors).toEqual([])
  chosen.disconnect()
})

test('goes on when the client that it was given is closed', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const given = redis.duplicate()
  await using counting = tally(given, contract)
  await given.quit()
  await write(redis, contract, 1)
  await waitFor('the message', () => counting.handled.length === 1)
  expect(counting.numbers()).toEqual([1])
})

test('refuses what cannot work, with a sentence', () => {
  const [redis, contract] = [redisAt('redis://127.0.0.1:1/'), votes()]
  redis.disconnect()
  redis.on('error', () => undefined)
  const prefixed = redis.duplicate({ keyPrefix: 'shop:', lazyConnect: true })
  expect(() => tally(prefixed, contract)).toThrow(/declare the stream as 'shop:votes/)
  expect(() => tally(redis, contract, { reclaimMs: 100, heartbeatMs: 50 })).toThrow(/more than three times heartbeatMs/)
  expect(() => tally(redis, contract, { concurrency: 0 })).toThrow('concurrency is 0')
  const nothing = { handle: undefined } as unknown as { handle: (vote: Vote) => void }
  expect(() => tally(redis, contract, nothing)).toThrow('either `handle` or `handleBatch`')
})
