import { expect, test } from 'vitest'
import { Breaker } from '../../consumers/breaker.ts'
import { StoppedByBreaker } from '../../consumers/index.ts'
import { pendingOf, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { failing, lettersOf, tally, type Vote, votes, write } from './tally.ts'

test('stops at so many in a row, and counts anew after that', () => {
  const breaker = new Breaker({ inARow: 3, window: 100, ratio: 0.5 })
  expect([breaker.parked(), breaker.parked()]).toEqual([undefined, undefined])
  breaker.handled()
  expect([breaker.parked(), breaker.parked()]).toEqual([undefined, undefined])
  expect(breaker.parked()).toBe('the last 3 messages had to be parked')
  expect(breaker.parked()).toBeUndefined()
})

test('stops when more than a share of the latest were parked, once there are enough', () => {
  const breaker = new Breaker({ inARow: 100, window: 4, ratio: 0.5 })
  breaker.handled()
  expect([breaker.parked(), breaker.parked()]).toEqual([undefined, undefined])
  breaker.handled()
  breaker.handled()
  expect([breaker.parked(), breaker.parked()]).toEqual([undefined, undefined])
  expect(breaker.parked()).toBe('3 of the last 4 messages had to be parked')
})

test('can be off', () => {
  const breaker = new Breaker(undefined)
  expect(Array.from({ length: 1000 }, () => breaker.parked()).every((why) => why === undefined)).toBe(true)
})

test('a bad deploy parks a few and leaves the rest pending, alive and not ready; mended, it goes on', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, ...Array.from({ length: 60 }, (_, i) => i))
  const handled = new Set<number>()
  let isMended = false
  const handle = ({ timestamp }: Vote) => {
    if (!isMended) throw new Error('a bad deploy')
    handled.add(timestamp)
  }
  await using counting = tally(redis, contract, { handle, retry: { maxAttempts: 1 } })
  await waitFor('the breaker', () => counting.running.state === 'stopped-by-breaker')
  expect([counting.running.isAlive(), counting.running.isReady()]).toEqual([true, false])
  expect(counting.errors).toEqual([expect.any(StoppedByBreaker)])
  expect(counting.errors[0]?.message).toMatch(/the last 20 messages had to be parked/)
  expect(await lettersOf(redis, contract)).toHaveLength(20)
  const pending = await pendingOf(redis, contract.stream, 'tally')
  expect(pending).toBeGreaterThan(0)
  isMended = true
  counting.running.resume()
  await waitFor('the other forty', () => handled.size === 40)
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
})

test('what a stopped consumer holds may be taken over by one that fares better', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, ...Array.from({ length: 10 }, (_, i) => i))
  const lively = { heartbeatMs: 20, reclaimMs: 100 }
  const bad = { handle: failing, retry: { maxAttempts: 1 }, breaker: { inARow: 2 }, consumer: 'bad', ...lively }
  await using stopped = tally(redis, contract, bad)
  await waitFor('the breaker', () => stopped.running.state === 'stopped-by-breaker')
  await using good = tally(redis, contract, { consumer: 'good', ...lively })
  await waitFor('the other eight', () => good.handled.length === 8)
  expect(stopped.parked).toHaveLength(2)
})
