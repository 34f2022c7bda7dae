import { Type } from '@sinclair/typebox'
import { Redis, type RedisOptions } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { producer, type SendFailed } from '../../producers/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { startRedis } from '../support/redis.ts'
import { entriesOf, redisAt, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

type ClientOptions = Omit<RedisOptions, 'replyMapping'>

async function broken(options: ClientOptions = {}, url = inject('redisUrl')) {
  const proxy = await startFaultProxy(Number(new URL(url).port))
  const redis = new Redis(proxy.url, { retryStrategy: () => 20, ...options })
  onTestFinished(async () => {
    redis.disconnect()
    await proxy[Symbol.asyncDispose]()
  })
  redis.on('error', () => undefined)
  await waitFor('the connection', () => redis.status === 'ready')
  const Votes = stream(uniqueName('votes'), { n: Type.Integer() })
  return { proxy, redis, direct: redisAt(url), Votes }
}

const numbers = Array.from({ length: 100 }, (_, n) => ({ n }))
const idsOf = async (redis: Redis, name: string) => (await entriesOf(redis, name)).map(([id]) => id)

test('plain ioredis doubles what it sent when replies are lost: the control', async () => {
  const { proxy, redis, direct, Votes } = await broken()
  proxy.swallow()
  const sent = Promise.all(numbers.map(({ n }) => redis.xadd(Votes.stream, '*', 'n', n)))
  await waitFor('Redis to have all', async () => (await direct.xlen(Votes.stream)) === 100)
  proxy.cut()
  await sent
  expect(await direct.xlen(Votes.stream)).toBe(200)
})

test.each<[string, ClientOptions]>([
  ['ioredis as it comes', {}],
  ['RESP2', { protocol: 2 }],
  ['a client that never settles what was cut', { autoResendUnfulfilledCommands: false }],
  ['a command timeout', { commandTimeout: 100 }],
  ['no retries and no offline queue', { maxRetriesPerRequest: 0, enableOfflineQueue: false }],
])('writes 100 concurrent sends once each when replies are lost, with %s', async (_, options) => {
  const { proxy, redis, direct, Votes } = await broken(options)
  await using producing = producer(redis, Votes)
  proxy.swallow()
  const sent = Promise.all(numbers.map((message) => producing.send(message)))
  await waitFor('Redis to have all', async () => (await direct.xlen(Votes.stream)) === 100)
  proxy.cut()
  const ids = await sent
  expect(await idsOf(direct, Votes.stream)).toEqual(ids)
})

test('brings the script along when the answer that Redis does not know it was lost', async () => {
  await using fresh = await startRedis()
  const { proxy, redis, direct, Votes } = await broken({}, fresh.url)
  await using producing = producer(redis, Votes)
  proxy.swallow()
  const sent = producing.send({ n: 1 })
  await waitFor('Redis to have it', async () => (await direct.xlen(Votes.stream)) === 1)
  proxy.cut()
  const id = await sent
  expect(await idsOf(direct, Votes.stream)).toEqual([id])
})

test('writes a batch once when the connection is cut before and after each of its chunks', async () => {
  const { proxy, redis, direct, Votes } = await broken()
  await using producing = producer(redis, Votes, { maxBatch: 20 })
  for (const chunk of [0, 1, 2, 3, 4]) {
    proxy.dropNext(`:${chunk}`)
    proxy.swallowNext(`:${chunk}`)
  }
  const ids = await producing.sendBatch(numbers, { token: uniqueName('batch') })
  expect(proxy.armed()).toBe(0)
  expect(await idsOf(direct, Votes.stream)).toEqual(ids)
})

test('answers the same ids when a message or a batch is sent again by its token, whoever does it', async () => {
  const { redis, direct, Votes } = await broken()
  await using first = producer(redis, Votes, { maxBatch: 30 })
  await using second = producer(direct, Votes, { maxBatch: 30 })
  const id = await first.send({ n: 1 }, { token: 'one' })
  const ids = await first.sendBatch(numbers, { token: 'many' })
  expect(await second.send({ n: 1 }, { token: 'one' })).toBe(id)
  expect(await second.sendBatch(numbers, { token: 'many' })).toEqual(ids)
  expect(await direct.xlen(Votes.stream)).toBe(101)
})

test('says that a token has been used for another batch', async () => {
  const { redis, Votes } = await broken()
  await using producing = producer(redis, Votes)
  await producing.sendBatch(numbers, { token: 'batch' })
  await expect(producing.sendBatch(numbers.slice(1), { token: 'batch' })).rejects.toThrow('used for 100 messages')
})

test('tells a token by which each message of a shared batch can be sent again', async () => {
  const { proxy, redis, direct, Votes } = await broken()
  await using producing = producer(redis, Votes, { deadlineMs: 600 })
  await using again = producer(direct, Votes)
  // The first send takes longer, and sends share a batch only when they end at about the same time.
  const first = await producing.send({ n: -1 })
  proxy.swallow()
  const failed = await Promise.all(
    numbers.map((message) => producing.send(message).catch((error: SendFailed) => error)),
  )
  const tokens = failed.map((error) => (error as SendFailed).token)
  const ids = await Promise.all(tokens.map((token, n) => again.send({ n }, { token })))
  proxy.cut()
  await redis.ping()
  expect(await idsOf(direct, Votes.stream)).toEqual([first, ...ids])
})

test('lets no late copy of a batch write what was sent again by its token', async () => {
  const { proxy, redis, direct, Votes } = await broken()
  await using producing = producer(redis, Votes, { deadlineMs: 600 })
  await using again = producer(direct, Votes)
  const first = await producing.send({ n: 6 })
  proxy.freeze()
  const failed = await Promise.all([7, 8].map((n) => producing.send({ n }).catch((error: SendFailed) => error)))
  const token = (failed[1] as SendFailed).token
  expect(token).toMatch(/~1$/)
  const id = await again.send({ n: 8 }, { token })
  proxy.heal()
  await redis.ping()
  expect(await again.send({ n: 8 }, { token })).toBe(id)
  expect(await entriesOf(direct, Votes.stream)).toEqual([
    [first, ['n', '6']],
    [id, ['n', '8']],
  ])
})

test('goes on where an XADD failed in the middle of a batch', async () => {
  const { redis, Votes } = await broken()
  await using producing = producer(redis, Votes)
  // only two more ids can be given
  const last = '18446744073709551615-18446744073709551613'
  await redis.xadd(Votes.stream, last, 'n', 'last')
  const error = await producing.sendBatch(numbers, { token: 'batch' }).catch((failed: SendFailed) => failed)
  expect(error).toMatchObject({ code: 'send.outcome-unknown', token: 'batch', message: /exhausted/ })
  const { written } = error as SendFailed
  expect(await idsOf(redis, Votes.stream)).toEqual([last, ...written])
  expect(written).toHaveLength(2)
  await redis.xdel(Votes.stream, last, ...written)
  await redis.xtrim(Votes.stream, 'MAXLEN', 0)
  await redis.xsetid(Votes.stream, '1-0')
  const ids = await producing.sendBatch(numbers, { token: 'batch' })
  expect(ids.slice(0, 2)).toEqual(written)
  const entries = await entriesOf(redis, Votes.stream)
  expect(entries).toEqual(ids.slice(2).map((id, i) => [id, ['n', String(i + 2)]]))
})

test('answers the sends of a shared batch that were written before an XADD failed, and lets the others be repeated', async () => {
  const { redis, Votes } = await broken()
  await using producing = producer(redis, Votes)
  const last = '18446744073709551615-18446744073709551613'
  await redis.xadd(Votes.stream, last, 'n', 'last')
  const endings = await Promise.allSettled([0, 1, 2, 3].map((n) => producing.send({ n })))
  expect(endings.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected'])
  await redis.xtrim(Votes.stream, 'MAXLEN', 0)
  await redis.xsetid(Votes.stream, '1-0')
  const tokens = endings.slice(2).map((ending) => ((ending as PromiseRejectedResult).reason as SendFailed).token)
  const ids = await Promise.all(tokens.map((token, i) => producing.send({ n: i + 2 }, { token })))
  const entries = await entriesOf(redis, Votes.stream)
  expect(entries).toEqual(ids.map((id, i) => [id, ['n', String(i + 2)]]))
})

test('waits while Redis is out of memory, and fails at once for what waiting does not mend', async () => {
  await using server = await startRedis()
  const redis = redisAt(server.url)
  const Votes = stream('votes', { n: Type.Integer() })
  await using producing = producer(redis, Votes)
  await redis.config('SET', 'maxmemory', '1')
  const sent = producing.send({ n: 1 })
  // Redis 6.2 counts it as ERR.
  await waitFor('a refusal', async () => /errorstat_(?:OOM|ERR):count=[1-9]/.test(await redis.info('errorstats')))
  await redis.config('SET', 'maxmemory', '0')
  const id = await sent
  expect(await idsOf(redis, 'votes')).toEqual([id])
  await redis.rename('votes', 'kept')
  await redis.set('votes', 'no stream')
  const error = await producing.send({ n: 2 }).catch((failed: SendFailed) => failed)
  expect(error).toMatchObject({ code: 'send.outcome-unknown', message: /WRONGTYPE/ })
  await redis.rename('kept', 'votes')
  await producing.send({ n: 2 }, { token: (error as SendFailed).token })
  expect(await redis.xlen('votes')).toBe(2)
})

test('goes on when Redis is restarted, with what it keeps on disk', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  const redis = new Redis(server.url, { retryStrategy: () => 20 })
  onTestFinished(() => redis.disconnect())
  redis.on('error', () => undefined)
  await using producing = producer(redis, stream('votes', { n: Type.Integer() }), { maxBatch: 10, deadlineMs: 10_000 })
  const sent = producing.sendBatch(numbers)
  await waitFor('the first chunk', () => redis.exists('votes'))
  await server.stop('KILL')
  await server.start()
  const ids = await sent
  expect(await idsOf(redis, 'votes')).toEqual(ids)
})
