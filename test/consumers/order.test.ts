import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'vitest'
import { consumer } from '../../consumers/index.ts'
import { Order } from '../../consumers/order.ts'
import { stream } from '../../contracts/index.ts'
import { pendingOf, sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { tally, type Vote, votes, write } from './tally.ts'

const work = (name: string, key?: string) => ({ name, key })
const parity = ({ timestamp }: Vote) => (timestamp % 2 === 0 ? 'even' : 'odd')
const noKey = () => {
  throw new Error('no key')
}

describe('the order of what waits', () => {
  test('without keys it is first come, first served', () => {
    const order = new Order<ReturnType<typeof work>>()
    for (const name of ['a', 'b']) order.add(work(name))
    expect([order.next()?.name, order.next()?.name, order.next()]).toEqual(['a', 'b', undefined])
  })

  test('of one key the next one comes when the first is released, also over a second try', () => {
    const order = new Order<ReturnType<typeof work>>()
    const [first, second, other] = [work('a1', 'a'), work('a2', 'a'), work('b1', 'b')]
    for (const each of [first, second, other]) order.add(each)
    expect([order.next(), order.next(), order.next()]).toEqual([first, other, undefined])
    order.again(first)
    expect([order.next(), order.next()]).toEqual([first, undefined])
    order.release(first)
    expect(order.next()).toBe(second)
  })

  test('what is cleared is given back, and its key is free but for what is being handled', () => {
    const order = new Order<ReturnType<typeof work>>()
    const [held, behind, waiting] = [work('a1', 'a'), work('a2', 'a'), work('b1', 'b')]
    for (const each of [held, behind, waiting]) order.add(each)
    order.next()
    expect(order.clear()).toEqual([waiting, behind])
    order.add(behind)
    expect(order.next()).toBeUndefined()
    order.release(held)
    expect(order.next()).toBe(behind)
  })
})

test('so many calls run at once, and no more', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2, 3, 4, 5, 6)
  const open: (() => void)[] = []
  const handle = () => new Promise<void>((resolve) => void open.push(resolve))
  await using counting = tally(redis, contract, { handle, concurrency: 3, closeDeadlineMs: 1 })
  await waitFor('three calls', () => open.length === 3)
  expect(counting.errors).toEqual([])
  for (const resolve of open) resolve()
  await waitFor('three more calls', () => open.length === 6)
})

test('messages of one key come one at a time and in order, over failures too; other keys go on', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const order: number[] = []
  const failures = new Map([[1, 2]])
  const handle = async ({ timestamp }: Vote) => {
    await Promise.resolve()
    const left = failures.get(timestamp) ?? 0
    failures.set(timestamp, left - 1)
    if (left > 0) throw new Error('not yet')
    order.push(timestamp)
  }
  await write(redis, contract, 1, 2, 3, 4, 5, 6)
  await using _ = tally(redis, contract, { handle, keyOf: parity, concurrency: 4 })
  await waitFor('all of them', () => order.length === 6)
  expect(order.slice(0, 3)).toEqual([2, 4, 6])
  expect(order.slice(3)).toEqual([1, 3, 5])
})

test('where headers are on, the ordering key of the entry is the key', async () => {
  const redis = sharedRedis()
  const contract = stream(uniqueName('keyed'), { number: Type.Integer() }, { headers: 'full' })
  for (const [number, key] of [
    [1, 'a'],
    [2, 'a'],
    [3, 'b'],
  ] as const)
    await redis.xadd(contract.stream, '*', 'number', number, '_k', key)
  const handled: number[] = []
  await using _ = consumer(redis, contract, {
    group: 'tally',
    concurrency: 3,
    retry: { minMs: 20 },
    handle: async ({ number }) => {
      if (number === 1 && handled.length === 0) {
        handled.push(0)
        throw new Error('not yet')
      }
      handled.push(number)
    },
  })
  await waitFor('all of them', () => handled.length === 4)
  expect(handled).toEqual([0, 3, 1, 2])
  await waitFor('all acknowledged', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
})

test('a key that cannot be told parks the message at once', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1)
  await using counting = tally(redis, contract, { keyOf: noKey })
  await waitFor('the letter', () => counting.parked.length === 1)
  expect(counting.parked[0]?.reason).toBe('handler_error')
})
