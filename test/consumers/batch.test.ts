import { expect, test } from 'vitest'
import { BatchSize } from '../../consumers/batch-size.ts'
import { consumer, type Delivery, type Parked } from '../../consumers/index.ts'
import { sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { settled, type Vote, votes, write } from './tally.ts'

const entries = (count: number) => Array.from({ length: count }, (): [string, string[]] => ['1-1', []])
const quick = { group: 'tally', blockMs: 100, retry: { maxAttempts: 2, minMs: 10 } } as const

test('one call takes what one read brought, without what breaks the contract', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const ids = await write(redis, contract, 1, 'x', 2, 3)
  const [calls, parked]: [(readonly Delivery<Vote>[])[], Parked[]] = [[], []]
  await using _ = consumer(redis, contract, {
    ...quick,
    handleBatch: (batch) => void calls.push(batch),
    onParked: (letter) => void parked.push(letter),
  })
  await settled(redis, contract)
  expect(calls.map((batch) => batch.map(({ message }) => message.timestamp))).toEqual([[1], [2, 3]])
  expect(calls[0]?.[0]?.entry.id).toBe(ids[0])
  expect(parked.map(({ reason }) => reason)).toEqual(['contract_broken'])
})

test('a batch that fails comes again one by one, so that only the poison is parked', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2, 3, 4)
  const [calls, parked]: [number[][], Parked[]] = [[], []]
  const handleBatch = async (batch: readonly Delivery<Vote>[]) => {
    const numbers = batch.map(({ message }) => message.timestamp)
    calls.push(numbers)
    await Promise.resolve()
    if (numbers.includes(3)) throw new Error('a poison')
  }
  await using _ = consumer(redis, contract, {
    ...quick,
    handleBatch,
    onParked: (letter) => void parked.push(letter),
  })
  await waitFor('the letter', () => parked.length === 1)
  await settled(redis, contract)
  expect(calls).toEqual([[1, 2, 3, 4], [1], [2], [3], [4], [3]])
  expect(parked).toMatchObject([{ reason: 'handler_error', attempts: 2 }])
})

test('a read asks for twice as many each time, up to the most, and for fewer where entries are large', () => {
  const size = new BatchSize(100)
  expect(size.next).toBe(32)
  size.learn(entries(32), 1000)
  expect(size.next).toBe(64)
  size.learn(entries(10), 1000)
  expect(size.next).toBe(64)
  size.learn(entries(64), 1000)
  expect(size.next).toBe(100)
  size.learn(entries(10), 100 * 2 ** 20)
  expect(size.next).toBe(1)
  size.learn(entries(1), 10)
  expect(size.next).toBe(2)
})
