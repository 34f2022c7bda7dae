import { Type } from '@sinclair/typebox'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { janitor, producer } from '../../producers/index.ts'
import { createMetrics, type Metrics } from '../../telemetry/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { parseMetrics, valueIn } from '../telemetry/prometheus-text.ts'

const votes = () => stream(uniqueName('votes'), { n: Type.Integer() })
const numbers = Array.from({ length: 100 }, (_, n) => ({ n }))
const broken = { n: 0.5 }

async function outcomes(metrics: Metrics, channel: string) {
  const text = await metrics.text()
  const count = (outcome: string) => valueIn(text, 'concordat_messages_produced_total', { channel, outcome })
  return { sent: count('sent'), refused: count('refused'), unknown: count('unknown'), notSent: count('not_sent') }
}

async function suppressed(metrics: Metrics, channel: string) {
  return valueIn(await metrics.text(), 'concordat_duplicates_suppressed_total', { channel })
}

/** A client whose connection can be broken. */
async function breakable() {
  const proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
  const redis = new Redis(proxy.url, { retryStrategy: () => 20 })
  onTestFinished(async () => {
    redis.disconnect()
    await proxy[Symbol.asyncDispose]()
  })
  redis.on('error', () => undefined)
  await waitFor('the connection', () => redis.status === 'ready')
  return { proxy, redis }
}

test('shows every outcome as 0 before anything was sent', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  await using _ = producer(sharedRedis(), Votes, { metrics })
  expect(await outcomes(metrics, Votes.channel)).toEqual({ sent: 0, refused: 0, unknown: 0, notSent: 0 })
  expect(await suppressed(metrics, Votes.channel)).toBe(0)
})

test('counts messages by how their send ended, steps by their size, and the time', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  const { channel } = Votes
  await using producing = producer(sharedRedis(), Votes, { metrics, maxBatch: 40 })
  await producing.send({ n: 1 })
  await producing.sendBatch(numbers)
  await producing.send(broken).catch(() => undefined)
  await producing.sendBatch([{ n: 1 }, broken, broken]).catch(() => undefined)
  await producing.send({ n: 1 }, { signal: AbortSignal.abort() }).catch(() => undefined)
  expect(await outcomes(metrics, channel)).toEqual({ sent: 101, refused: 3, unknown: 0, notSent: 2 })
  const text = await metrics.text()
  expect(valueIn(text, 'concordat_send_batch_messages_count', { channel })).toBe(4)
  expect(valueIn(text, 'concordat_send_batch_messages_sum', { channel })).toBe(101)
  expect(valueIn(text, 'concordat_send_batch_messages_bucket', { channel, le: '50' })).toBe(4)
  expect(valueIn(text, 'concordat_send_batch_messages_bucket', { channel, le: '10' })).toBe(1)
  expect(valueIn(text, 'concordat_send_duration_seconds_count', { channel })).toBe(5)
})

test('counts as unknown what Redis did not confirm, and as sent what it did before', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  const { proxy, redis } = await breakable()
  await using producing = producer(redis, Votes, { metrics, maxBatch: 10, deadlineMs: 300 })
  proxy.swallow()
  const sent = producing.sendBatch(numbers).catch(() => undefined)
  await sent
  expect(await outcomes(metrics, Votes.channel)).toEqual({ sent: 0, refused: 0, unknown: 100, notSent: 0 })
  proxy.refuse()
  await waitFor('the connection to go', () => redis.status !== 'ready')
  await producing.send({ n: 1 }).catch(() => undefined)
  expect(await outcomes(metrics, Votes.channel)).toEqual({ sent: 0, refused: 0, unknown: 100, notSent: 1 })
})

test('counts what a repeat found written already, when the reply of a step was lost', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  const { proxy, redis } = await breakable()
  await using producing = producer(redis, Votes, { metrics, maxBatch: 40 })
  await producing.sendBatch(numbers)
  expect(await suppressed(metrics, Votes.channel)).toBe(0)
  const token = uniqueName('batch')
  proxy.swallowNext(`${token}:1`)
  await producing.sendBatch(numbers, { token })
  expect(proxy.armed()).toBe(0)
  expect(await suppressed(metrics, Votes.channel)).toBe(40)
  expect(await redis.xlen(Votes.stream)).toBe(200)
})

test('counts a message and a batch that come again by their token, and one of a shared batch', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  const { proxy, redis } = await breakable()
  await using failing = producer(redis, Votes, { deadlineMs: 600 })
  await using producing = producer(sharedRedis(), Votes, { metrics })
  for (const _ of [1, 2, 3]) await producing.send({ n: 1 }, { token: 'one' })
  expect(await suppressed(metrics, Votes.channel)).toBe(2)
  for (const _ of [1, 2]) await producing.sendBatch(numbers, { token: 'many' })
  expect(await suppressed(metrics, Votes.channel)).toBe(102)
  // The first send takes longer, and sends share a batch only when they end at about the same time.
  await failing.send({ n: 0 })
  proxy.swallow()
  const failed = await Promise.allSettled(numbers.slice(0, 3).map((message) => failing.send(message)))
  const tokens = failed.map((end) => ((end as PromiseRejectedResult).reason as { token: string }).token)
  for (const [n, token] of tokens.entries()) await producing.send({ n }, { token })
  expect(await suppressed(metrics, Votes.channel)).toBe(105)
})

test('does not count as a duplicate what was sent under a token of other messages', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  await using producing = producer(sharedRedis(), Votes, { metrics })
  await producing.sendBatch(numbers, { token: 'many' })
  await producing.sendBatch(numbers.slice(1), { token: 'many' }).catch(() => undefined)
  expect(await suppressed(metrics, Votes.channel)).toBe(0)
})

test('shows how many messages wait, and none when all are written', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  const { proxy, redis } = await breakable()
  await using one = producer(redis, Votes, { metrics, deadlineMs: 300 })
  await using other = producer(redis, Votes, { metrics, deadlineMs: 300 })
  const buffered = async () => valueIn(await metrics.text(), 'concordat_messages_buffered', { channel: Votes.channel })
  proxy.freeze()
  const sends = Promise.allSettled([one.sendBatch(numbers), other.send({ n: 1 }), one.send({ n: 1 })])
  expect(await buffered()).toBe(102)
  await sends
  await one.close()
  await other.close()
  expect(await buffered()).toBe(0)
})

test('the janitor counts what it trimmed, and what a group lost', async () => {
  const [redis, metrics, Votes] = [sharedRedis(), createMetrics(), votes()]
  const { stream: name, channel } = Votes
  const pipeline = redis.pipeline()
  for (let n = 1; n <= 1_000; n++) pipeline.xadd(name, `${n}-0`, 'n', n)
  await pipeline.exec()
  await redis.xgroup('CREATE', name, 'tally', '0', 'ENTRIESREAD', 0)
  await redis.xreadgroup('GROUP', 'tally', 'me', 'COUNT', 200, 'NOACK', 'STREAMS', name, '>')
  await using sweeping = janitor(redis, Votes, { everyMs: 3_600_000, metrics })
  await using byName = janitor(redis, name, { everyMs: 3_600_000, metrics })
  await sweeping.sweep()
  await byName.sweep()
  expect(valueIn(await metrics.text(), 'concordat_entries_lost_total', { channel, group: 'tally' })).toBe(0)
  await redis.xtrim(name, 'MAXLEN', 700)
  await sweeping.sweep()
  const text = await metrics.text()
  expect(valueIn(text, 'concordat_entries_trimmed_total', { channel })).toBe(100)
  expect(valueIn(text, 'concordat_entries_lost_total', { channel, group: 'tally' })).toBe(100)
})

test('a producer without metrics counts nothing', async () => {
  const [metrics, Votes] = [createMetrics(), votes()]
  await using producing = producer(sharedRedis(), Votes)
  await producing.send({ n: 1 })
  expect([...parseMetrics(await metrics.text()).keys()].filter((name) => !name.includes('_metrics_'))).toEqual([])
})
