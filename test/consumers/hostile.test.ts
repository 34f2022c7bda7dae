import { Type } from '@sinclair/typebox'
import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { consumer, type Parked } from '../../consumers/index.ts'
import { stream } from '../../contracts/index.ts'
import { deadKey } from '../../streams/index.ts'
import { pendingOf, sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { failing, lettersOf, settled, tally, votes, write } from './tally.ts'

const good = ['option', 'dogs', 'timestamp', '1']

test.each<[string, readonly (string | Buffer)[], string]>([
  ['a field that stands twice', [...good, 'option', 'cats'], '/option'],
  ['a value that is no UTF-8', ['option', Buffer.from([0xff, 0xfe]), 'timestamp', '1'], '/option'],
  ['a name that is no UTF-8', [...good, Buffer.from([0x61, 0xff]), 'x'], '/a\uFFFD'],
  ['no field of the contract', ['__proto__', 'x', 'constructor', 'y'], '/option'],
  ['a number in another form', ['option', 'dogs', 'timestamp', '1e3'], '/timestamp'],
  ['an empty number', ['option', 'dogs', 'timestamp', ''], '/timestamp'],
])('%s is one dead letter with its finding, and the next message is handled', async (_, fields, at) => {
  const [redis, contract] = [sharedRedis(), votes()]
  await redis.xadd(contract.stream, '*', ...fields)
  await write(redis, contract, 2)
  await using counting = tally(redis, contract)
  await waitFor('the letter', () => counting.parked.length === 1)
  await settled(redis, contract)
  expect(counting.numbers()).toEqual([2])
  expect(counting.parked[0]).toMatchObject({ reason: 'contract_broken' })
  expect(counting.parked[0]?.findings.map((finding) => finding.at)).toContain(at)
  expect(await lettersOf(redis, contract)).toHaveLength(1)
})

test('U+FFFD that was written as such, and __proto__ beside the message, are data like any other', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await redis.xadd(contract.stream, '*', 'option', 'a\uFFFD', 'timestamp', '1', '__proto__', 'x')
  await using counting = tally(redis, contract)
  await waitFor('the message', () => counting.handled.length === 1)
  expect(counting.handled[0]?.[0]).toEqual({ option: 'a\uFFFD', timestamp: 1 })
  expect(Object.prototype).not.toHaveProperty('option')
})

test('a million fields, and fields of ten megabytes, are parked whole, and the loop goes on', {
  timeout: 60_000,
}, async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const many = Array.from({ length: 500_000 }, (_, i) => [`f${i}`, 'x']).flat()
  await redis.call('XADD', [contract.stream, '*', 'timestamp', 'x', ...many])
  for (let i = 0; i < 3; i++)
    await redis.xadd(contract.stream, '*', 'option', 'x'.repeat(10 * 2 ** 20), 'timestamp', 'x')
  await write(redis, contract, 2)
  await using counting = tally(redis, contract)
  await waitFor('the message', () => counting.handled.length === 1, 40_000)
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  expect(counting.parked.map(({ reason }) => reason)).toEqual(Array.from({ length: 4 }, () => 'contract_broken'))
  expect(await redis.xlen(deadKey(contract.stream, 'tally'))).toBe(4)
  expect(counting.errors).toEqual([])
})

test('reads one field of JSON, as others write it', async () => {
  const redis = sharedRedis()
  const contract = stream(uniqueName('orders'), { items: Type.Array(Type.Integer()) }, { encoding: 'json' })
  await add(redis, contract.stream, '{"items":[1,2]}', '{"items":[1,', '{"items":"none","__proto__":{"a":1}}')
  const [handled, parked]: [unknown[], Parked[]] = [[], []]
  await using _ = consumer(redis, contract, {
    group: 'tally',
    handle: (order) => void handled.push(order),
    onParked: (letter) => void parked.push(letter),
  })
  await waitFor('two letters', () => parked.length === 2)
  expect(handled).toEqual([{ items: [1, 2] }])
  expect(parked[0]?.findings).toEqual([{ code: 'field.not-json', at: '/data' }])
})

test('a hook that throws stops nothing', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 'x', 1)
  const errors: string[] = []
  const onError = ({ message }: Error) => {
    errors.push(message)
    throw new Error('another')
  }
  await using counting = tally(redis, contract, { onParked: failing, onError })
  await waitFor('the message', () => counting.handled.length === 1)
  expect(errors).toEqual(['never'])
})

test('whatever a handler returns, nothing but a promise is awaited', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2)
  const seen: number[] = []
  // as (vote) => list.push(vote) does
  const handle = (({ timestamp }: { timestamp: number }) => seen.push(timestamp)) as unknown as () => void
  await using counting = tally(redis, contract, { handle })
  await settled(redis, contract)
  expect([seen, counting.errors]).toEqual([[1, 2], []])
})

async function add(redis: Redis, name: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await redis.xadd(name, '*', 'data', text)
}
