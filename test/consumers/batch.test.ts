import { expect, test } from 'vitest'
import { BatchSize } from '../../consumers/batch-size.ts'
import { consumer, type Delivery, type Parked, Unavailable } from '../../consumers/index.ts'
import { pendingOf, sharedRedis } from '../support/stream.ts'
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

test('a batch that fails comes again in halves, so that only the poison is parked', async () => {
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
  expect(calls).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4], [3]])
  expect(parked).toMatchObject([{ reason: 'handler_error', attempts: 2 }])
})

test('two poisons among many are found in a few calls, and nothing else is handled twice', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const all = Array.from({ length: 30 }, (_, i) => i)
  await write(redis, contract, ...all)
  const [calls, handled, parked]: [number[], number[], Parked[]] = [[], [], []]
  await using _ = consumer(redis, contract, {
    ...quick,
    handleBatch: async (batch) => {
      const numbers = batch.map(({ message }) => message.timestamp)
      calls.push(numbers.length)
      await Promise.resolve()
      if (numbers.includes(7) || numbers.includes(21)) throw new Error('a poison')
      handled.push(...numbers)
    },
    onParked: (letter) => void parked.push(letter),
  })
  await waitFor('both letters', () => parked.length === 2)
  await settled(redis, contract)
  expect(handled).toEqual(all.filter((number) => number !== 7 && number !== 21))
  expect(calls.length).toBeLessThan(24)
})

test('what came with a batch that fails keeps its place before what is new', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2, 3, 4)
  const calls: number[][] = []
  await using _ = consumer(redis, contract, {
    ...quick,
    handleBatch: async (batch) => {
      if (calls.length === 0) await write(redis, contract, 5, 6)
      calls.push(batch.map(({ message }) => message.timestamp))
      if (calls.length < 2) throw new Error('not yet')
    },
  })
  await settled(redis, contract)
  expect(calls.flat().slice(4)).toEqual([1, 2, 3, 4, 5, 6])
})

test('a handler without what it needs is called again, with the same batch, and no try is counted', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2, 3)
  const [calls, parked, errors]: [number[][], Parked[], Error[]] = [[], [], []]
  const handleBatch = (batch: readonly Delivery<Vote>[]) => {
    calls.push(batch.map(({ message }) => message.timestamp))
    if (calls.length < 5) throw new Unavailable('the database is away')
  }
  const first = consumer(redis, contract, {
    ...quick,
    handleBatch,
    onParked: (letter) => void parked.push(letter),
    onError: (error) => void errors.push(error),
  })
  await waitFor('three calls', () => calls.length === 3)
  await first.close()
  const deliveries = (await redis.xpending(contract.stream, 'tally', '-', '+', 10)) as [
    string,
    string,
    number,
    number,
  ][]
  expect(deliveries.map(([, , , count]) => count)).toEqual([0, 0, 0])
  expect(errors.slice(0, 3).map(({ message }) => message)).toEqual(Array(3).fill('the database is away'))
  await using _ = consumer(redis, contract, { ...quick, handleBatch })
  await settled(redis, contract)
  expect(calls).toEqual(Array.from({ length: 5 }, () => [1, 2, 3]))
  expect(parked).toEqual([])
})

test('reading rests while all that is in hand waits for what its handler needs', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, ...Array.from({ length: 60 }, (_, i) => i))
  const seen = new Set<number>()
  await using running = consumer(redis, contract, {
    ...quick,
    batchSize: 10,
    handle: ({ timestamp }) => {
      seen.add(timestamp)
      throw new Unavailable('away')
    },
  })
  await waitFor('some calls', () => seen.size >= 10)
  await waitFor('a rest', async () => (await pendingOf(redis, contract.stream, 'tally')) >= 10)
  expect(await pendingOf(redis, contract.stream, 'tally')).toBeLessThan(60)
  expect(running.state).toBe('running')
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
