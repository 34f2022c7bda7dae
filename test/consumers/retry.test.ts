import { expect, test } from 'vitest'
import { Unrecoverable } from '../../consumers/index.ts'
import { isUnrecoverable, pauseAfter } from '../../consumers/retry.ts'
import { pendingOf, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { failing, handOut, lettersOf, tally, type Vote, votes, write } from './tally.ts'

async function givingUp({ timestamp }: Vote): Promise<void> {
  throw timestamp === 1 ? new Unrecoverable('no such account') : Object.assign(new Error('gone'), { retry: false })
}

test('pauses grow twofold up to the longest, and differ by chance', () => {
  const pauses = [1, 2, 3, 4, 9].map((attempt) => pauseAfter(attempt, { minMs: 100, maxMs: 400 }))
  const longest = [100, 200, 400, 400, 400]
  for (const [i, pause] of pauses.entries()) {
    expect(pause).toBeLessThanOrEqual(longest[i] ?? 0)
    expect(pause).toBeGreaterThanOrEqual((longest[i] ?? 0) / 2)
  }
  expect(new Set(pauses).size).toBe(5)
})

test('a failed message is tried again after growing pauses while others go on, and counts as it is', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const seen: [number, number][] = []
  const handle = ({ timestamp }: Vote) => {
    seen.push([timestamp, performance.now()])
    if (timestamp === 1 && seen.filter(([number]) => number === 1).length < 4) throw new Error('not yet')
  }
  await write(redis, contract, 1, 2)
  await using counting = tally(redis, contract, { handle, retry: { minMs: 40, maxMs: 1000 } })
  await waitFor('the fourth try', () => seen.length === 5)
  expect(seen.map(([number]) => number)).toEqual([1, 2, 1, 1, 1])
  const times = seen.filter(([number]) => number === 1).map(([, time]) => time)
  expect(times.slice(1).map((time, i) => time - (times[i] ?? 0) >= 20 * 2 ** i - 1)).toEqual([true, true, true])
  await waitFor('all acknowledged', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  expect([counting.parked, await lettersOf(redis, contract)]).toEqual([[], []])
})

test('stays pending between its tries, with the number of the try as delivery count', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  let tries = 0
  const gate = Promise.withResolvers<void>()
  const handle = () => {
    if (++tries < 3) throw new Error('not yet')
    return gate.promise
  }
  const [id] = await write(redis, contract, 1)
  await using counting = tally(redis, contract, { handle, consumer: 'one' })
  await waitFor('the third try', () => tries === 3)
  expect(await redis.xpending(contract.stream, 'tally', '-', '+', 9)).toEqual([[id, 'one', expect.any(Number), 3]])
  gate.resolve()
  await counting.close()
  expect(await pendingOf(redis, contract.stream, 'tally')).toBe(0)
})

test('is parked after its last try, with the error and the number of tries', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const [id] = await write(redis, contract, 1)
  await using counting = tally(redis, contract, { handle: failing, retry: { maxAttempts: 3, minMs: 1 } })
  const [letter] = await waitFor('the letter', () => (counting.parked.length > 0 ? counting.parked : undefined))
  expect(letter).toEqual({ id, reason: 'handler_error', findings: [], attempts: 3 })
  expect(await lettersOf(redis, contract)).toMatchObject([{ _dead_findings: 'never', _dead_attempts: '3' }])
  expect(await pendingOf(redis, contract.stream, 'tally')).toBe(0)
})

test('an error that says so is not tried again', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2)
  await using counting = tally(redis, contract, { handle: givingUp, retry: { minMs: 60_000 } })
  await waitFor('two letters', () => counting.parked.length === 2)
  expect(counting.parked.map(({ attempts }) => attempts)).toEqual([1, 1])
  expect([isUnrecoverable(undefined), isUnrecoverable('no'), isUnrecoverable(new Error('no'))]).toEqual([
    false,
    false,
    false,
  ])
})

test('counts the tries that ended their process, and gives up after them without calling the handler', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const [deadly = '', innocent = ''] = await write(redis, contract, 1, 2)
  await handOut(redis, contract, 'one', 2)
  await redis.xclaim(contract.stream, 'tally', 'one', 0, deadly, 'RETRYCOUNT', 4, 'JUSTID')
  await using counting = tally(redis, contract, { consumer: 'one', retry: { maxAttempts: 3 } })
  await waitFor('the letter', () => counting.parked.length === 1)
  expect(counting.parked).toEqual([{ id: deadly, reason: 'max_deliveries', findings: [], attempts: 4 }])
  await waitFor('the other one', () => counting.handled.length === 1)
  expect(counting.handled[0]?.[1].id).toBe(innocent)
})

function wordily(): never {
  throw new Unrecoverable('🐈'.repeat(50_000))
}

test('of an error that says very much, the dead letter keeps the beginning', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1)
  await using failed = tally(redis, contract, { handle: wordily })
  await waitFor('the dead letter', () => failed.parked.length === 1)
  const [letter] = await lettersOf(redis, contract)
  expect(letter?._dead_findings).toHaveLength(4096)
  expect(letter?._dead_findings).toMatch(/^(🐈)+.?…$/u)
})

test.each([
  ['an object without a text', Object.create(null)],
  ['an error whose text is none', Object.assign(new Error(), { message: Symbol('none') })],
  ['nothing', undefined],
])('a handler may throw %s, and its message is parked like any other', async (_what, thrown) => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2)
  const handle = ({ timestamp }: Vote) => {
    if (timestamp === 1) throw thrown
  }
  await using failed = tally(redis, contract, { handle, retry: { maxAttempts: 1 } })
  await waitFor('the dead letter', () => failed.parked.length === 1)
  expect(failed.parked).toMatchObject([{ reason: 'handler_error' }])
})
