import { expect, test } from 'vitest'
import { GroupMissing } from '../../consumers/index.ts'
import { startRedis } from '../support/redis.ts'
import { pendingOf, redisAt, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { lettersOf, tally, votes, write } from './tally.ts'

const AOF = ['--appendonly', 'yes', '--appendfsync', 'always']

test('a server that crashes while messages are in hand and comes back: they are settled, nothing is lost', async () => {
  await using server = await startRedis({ args: AOF })
  const [redis, contract] = [redisAt(server.url), votes()]
  redis.on('error', () => undefined)
  const [began, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const seen: number[] = []
  const handle = async ({ timestamp }: { timestamp: number }) => {
    seen.push(timestamp)
    began.resolve()
    await gate.promise
  }
  await write(redis, contract, 1, 'x', 2)
  await using counting = tally(redis, contract, { handle })
  await began.promise
  await server.stop('KILL')
  gate.resolve()
  await server.start()
  await write(redis, contract, 3)
  await waitFor('all messages', () => seen.length === 3, 15_000)
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0, 10_000)
  expect(seen).toEqual([1, 2, 3])
  expect([counting.parked.length, (await lettersOf(redis, contract)).length]).toEqual([1, 1])
})

test('a group that is removed is made again from the beginning, loudly and without spinning', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await using counting = tally(redis, contract)
  await write(redis, contract, 1)
  await waitFor('the first message', () => counting.handled.length === 1)
  await redis.xgroup('DESTROY', contract.stream, 'tally')
  await write(redis, contract, 2)
  await waitFor('both from the beginning', () => counting.handled.length === 3)
  expect(counting.numbers()).toEqual([1, 1, 2])
  expect(counting.errors.length).toBeLessThan(4)
  expect(counting.errors[0]).toBeInstanceOf(GroupMissing)
  expect(counting.errors[0]?.message).toMatch(/was gone; it is made again from the stream's beginning/)
})

test('a server that comes back empty gets the group again', async () => {
  await using server = await startRedis()
  const [redis, contract] = [redisAt(server.url), votes()]
  redis.on('error', () => undefined)
  await using counting = tally(redis, contract)
  await write(redis, contract, 1)
  await waitFor('the first message', () => counting.handled.length === 1)
  await server.stop('KILL')
  await server.start()
  await write(redis, contract, 2)
  await waitFor('the second message', () => counting.handled.length === 2, 15_000)
  expect(counting.errors.length).toBeLessThan(40)
})

test('with onMissingGroup "fail" a group is never made, and its loss closes the consumer', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const strict = tally(redis, contract, { onMissingGroup: 'fail' })
  await waitFor('it to close', () => strict.running.state === 'closed')
  await strict.close()
  expect(strict.errors.map(({ message }) => message)).toEqual([expect.stringContaining('XGROUP CREATE votes:')])
  expect(await redis.exists(contract.stream)).toBe(0)
})
