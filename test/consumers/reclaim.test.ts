import { expect, test } from 'vitest'
import { deadKey, fieldsOf, retryKey } from '../../streams/index.ts'
import { entriesOf, pendingOf, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { handOut, lettersOf, tally, type Vote, votes, write } from './tally.ts'

const LIVELY = { heartbeatMs: 40, reclaimMs: 200 } as const

test('what a dead consumer was given comes to a living one, once', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const numbers = Array.from({ length: 250 }, (_, i) => i)
  await write(redis, contract, ...numbers)
  await handOut(redis, contract, 'dead', 250)
  await using first = tally(redis, contract, { consumer: 'first', ...LIVELY })
  await using second = tally(redis, contract, { consumer: 'second', ...LIVELY })
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  expect([...first.numbers(), ...second.numbers()].sort((a, b) => a - b)).toEqual(numbers)
})

test('what a slow consumer is at work on, or waits to begin with, is not taken from it', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2)
  const gate = Promise.withResolvers<void>()
  const seen: number[] = []
  const handle = ({ timestamp }: Vote) => {
    seen.push(timestamp)
    return gate.promise
  }
  await using slow = tally(redis, contract, { consumer: 'slow', handle, ...LIVELY })
  await waitFor('the first message', () => seen.length === 1)
  await using quick = tally(redis, contract, { consumer: 'quick', ...LIVELY })
  const started = performance.now()
  await waitFor('three times as long as it takes', () => performance.now() - started > 3 * LIVELY.reclaimMs)
  gate.resolve()
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  expect([seen, quick.handled, slow.errors]).toEqual([[1, 2], [], []])
})

test('an answer of which nobody knows any more is found by its idle time', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await using counting = tally(redis, contract, { consumer: 'me', ...LIVELY })
  await write(redis, contract, 1)
  await waitFor('the first message', () => counting.handled.length === 1)
  // as a read leaves it that the server finishes after its connection was given up
  const read = ['GROUP', 'tally', 'me', 'STREAMS', contract.stream, '>'] as const
  const entry = ['option', 'dogs', 'timestamp', '2']
  await redis
    .multi()
    .xadd(contract.stream, '*', ...entry)
    .xreadgroup(...read)
    .exec()
  await waitFor('the second message', () => counting.handled.length === 2)
  expect(counting.numbers()).toEqual([1, 2])
})

test('what was trimmed while it was pending, with us or with a dead one, is one dead letter each', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const ids = await write(redis, contract, 1, 2, 3)
  await handOut(redis, contract, 'me')
  await handOut(redis, contract, 'dead')
  await redis.xtrim(contract.stream, 'MINID', ids[2] ?? '')
  await using me = tally(redis, contract, { consumer: 'me', ...LIVELY })
  await using other = tally(redis, contract, { consumer: 'other', ...LIVELY })
  await waitFor('two letters', () => me.parked.length + other.parked.length === 2)
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  const letters = await lettersOf(redis, contract)
  expect(letters.map(({ _dead_reason: reason }) => reason)).toEqual(['trimmed', 'trimmed'])
  expect(new Set(letters.map(({ _dead_id: id }) => id))).toEqual(new Set(ids.slice(0, 2)))
  expect([...me.numbers(), ...other.numbers()]).toEqual([3])
})

test('what is trimmed while its handler works on it and fails is parked all the same', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1)
  const gate = Promise.withResolvers<void>()
  const began = Promise.withResolvers<void>()
  const handle = async () => {
    began.resolve()
    await gate.promise
    throw new Error('never')
  }
  await using counting = tally(redis, contract, { handle, retry: { maxAttempts: 1 }, ...LIVELY, reclaimMs: 5000 })
  await began.promise
  await redis.xtrim(contract.stream, 'MAXLEN', 0)
  const started = performance.now()
  await waitFor('some heartbeats', () => performance.now() - started > 3 * LIVELY.heartbeatMs)
  gate.resolve()
  await waitFor('the letter', () => counting.parked.length === 1)
  expect(await lettersOf(redis, contract)).toMatchObject([{ _dead_reason: 'handler_error' }])
})

test('what comes back over the retry stream is handled as it was, under its first id, and parked like the first time', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const key = retryKey(contract.stream, 'tally')
  await redis.xadd(key, '*', 'option', 'cats', 'timestamp', '7', '_dead_id', '5-1')
  await redis.xadd(key, '*', 'option', 'cats', 'timestamp', 'x', '_dead_id', '5-2')
  await redis.xadd(key, '*', 'option', 'cats', 'timestamp', '8', '_dead_id', '5-3')
  await redis.xgroup('CREATE', key, 'tally', '0')
  await redis.xreadgroup('GROUP', 'tally', 'dead', 'COUNT', 1, 'STREAMS', key, '>')
  await using counting = tally(redis, contract, LIVELY)
  await waitFor('all three', () => counting.handled.length === 2 && counting.parked.length === 1)
  expect(counting.handled.map(([, entry]) => entry)).toEqual([
    { id: '5-3', fields: ['option', 'cats', 'timestamp', '8'] },
    { id: '5-1', fields: ['option', 'cats', 'timestamp', '7'] },
  ])
  expect(counting.parked).toMatchObject([{ id: '5-2', reason: 'contract_broken' }])
  const [[, fields] = ['', []]] = await entriesOf(redis, deadKey(contract.stream, 'tally'))
  expect(fieldsOf(fields)).toMatchObject({ option: 'cats', timestamp: 'x', _dead_id: '5-2' })
  await waitFor('the retry stream to be empty', async () => (await redis.xlen(key)) === 0)
  expect(await pendingOf(redis, key, 'tally')).toBe(0)
})
