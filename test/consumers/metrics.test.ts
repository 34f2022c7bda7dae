import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { consumer, Unrecoverable } from '../../consumers/index.ts'
import { createMetrics, type Metrics } from '../../telemetry/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { startRedis } from '../support/redis.ts'
import { redisAt, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { parseMetrics, valueIn } from '../telemetry/prometheus-text.ts'
import { failing, handOut, tally, type Vote, votes, write } from './tally.ts'

const FAILED = 'concordat_metrics_collections_failed_total'

/** Reads values of one group, and waits for them. */
function looking(metrics: Metrics, channel: string, group = 'tally') {
  const at = async (name: string, labels = {}) =>
    valueIn(await metrics.text(), `concordat_${name}`, { channel, group, ...labels })
  const reaches = (name: string, value: number, labels = {}) =>
    waitFor(`${name} to be ${value}`, async () => (await at(name, labels)) === value)
  return { at, reaches }
}

function failingForTwo({ timestamp }: Vote): void {
  if (timestamp === 3) throw new Error('never')
  if (timestamp === 4) throw new Unrecoverable('no such account')
}

function failingTogether({ length }: readonly unknown[]): void {
  if (length > 1) throw new Error('not together')
}

test('counts what is handled, how long it took, what came again, and what was parked for which reason', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { at, reaches } = looking(metrics, contract.channel)
  await write(redis, contract, 1, 2, 3, 4, 'no integer')
  const [trimmed = '', fatal = ''] = await write(redis, contract, 6, 7)
  await handOut(redis, contract, 'one', 7)
  await redis.xdel(contract.stream, trimmed)
  await redis.xclaim(contract.stream, 'tally', 'one', 0, fatal, 'RETRYCOUNT', 9, 'JUSTID')
  const options = { handle: failingForTwo, consumer: 'one', retry: { maxAttempts: 3, minMs: 1 } }
  await using _ = tally(redis, contract, { metrics, ...options })
  await reaches('messages_handled_total', 2)
  await reaches('messages_parked_total', 2, { reason: 'handler_error' })
  for (const reason of ['contract_broken', 'trimmed', 'max_deliveries'])
    await reaches('messages_parked_total', 1, { reason })
  // All four were handed out before, so that each is a redelivery; and the third comes once more.
  expect(await at('messages_redelivered_total')).toBe(5)
  expect(await at('handler_duration_seconds_count')).toBe(5)
  await reaches('group_dead_letters', 5)
  await reaches('group_pending', 0)
})

test('counts the messages of a batch, and those that come in its halves after it failed', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { reaches, at } = looking(metrics, contract.channel)
  await write(redis, contract, 1, 2, 3)
  await using _ = consumer(redis, contract, { group: 'tally', blockMs: 100, metrics, handleBatch: failingTogether })
  await reaches('messages_handled_total', 3)
  // [1, 2] and [3], then [1] and [2]
  expect(await at('messages_redelivered_total')).toBe(5)
  expect(await at('handler_duration_seconds_count')).toBe(5)
})

test('counts what was taken over from a consumer that died', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  await write(redis, contract, 1, 2, 3)
  await handOut(redis, contract, 'dead', 3)
  await using _ = tally(redis, contract, { metrics, consumer: 'living', heartbeatMs: 20, reclaimMs: 80 })
  const { at, reaches } = looking(metrics, contract.channel)
  await reaches('messages_handled_total', 3)
  expect(await at('messages_taken_over_total')).toBe(3)
})

test('shows what is in hand, the state, and that the loop comes round; and nothing of it once it is closed', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { at, reaches } = looking(metrics, contract.channel)
  const gate = Promise.withResolvers<void>()
  await write(redis, contract, 1, 2, 3)
  const one = { consumer: 'one' }
  await using counting = tally(redis, contract, { metrics, ...one, handle: () => gate.promise })
  await reaches('consumer_in_hand', 3, one)
  await reaches('consumer_ready', 1, one)
  expect(await at('consumer_state', { ...one, state: 'running' })).toBe(1)
  expect(await at('consumer_last_tick_age_seconds', one)).toBeLessThan(2)
  counting.running.pause()
  expect(await at('consumer_state', { ...one, state: 'running' })).toBe(0)
  expect(await at('consumer_state', { ...one, state: 'paused' })).toBe(1)
  gate.resolve()
  await counting.close()
  const families = parseMetrics(await metrics.text())
  const shown = ['state', 'ready', 'in_hand', 'last_tick_age_seconds'].map((name) => `concordat_consumer_${name}`)
  const ofGroup = ['pending', 'lag_seconds', 'dead_letters'].map((name) => `concordat_group_${name}`)
  for (const name of [...shown, ...ofGroup]) expect(families.get(name)?.samples).toEqual([])
  expect(await at('messages_handled_total')).toBe(1)
})

test('one that is replaced shows the new one, also when the old one closes later', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { at } = looking(metrics, contract.channel)
  const state = { consumer: 'one', state: 'paused' }
  await using old = tally(redis, contract, { metrics, consumer: 'one' })
  old.running.pause()
  expect(await at('consumer_state', state)).toBe(1)
  await using _ = tally(redis, contract, { metrics, consumer: 'one' })
  expect(await at('consumer_state', state)).toBe(0)
  await old.close()
  expect(await at('consumer_state', state)).toBe(0)
})

test('consumers of several groups share the metrics, each with its own series', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  await write(redis, contract, 1, 2)
  await using _ = tally(redis, contract, { metrics, group: 'tally' })
  await using __ = tally(redis, contract, { metrics, group: 'mail', handle: failing, retry: { maxAttempts: 1 } })
  await looking(metrics, contract.channel, 'tally').reaches('messages_handled_total', 2)
  const mail = looking(metrics, contract.channel, 'mail')
  await mail.reaches('messages_parked_total', 2, { reason: 'handler_error' })
  expect(await mail.at('messages_handled_total')).toBe(0)
  await mail.reaches('group_dead_letters', 2)
  await looking(metrics, contract.channel, 'tally').reaches('group_dead_letters', 0)
})

test('shows the true lag where Redis has none to tell', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { at } = looking(metrics, contract.channel)
  const long = Date.now() - 3_600_000
  for (const ms of [long, long + 1_000, long + 2_000]) await redis.xadd(contract.stream, `${ms}-0`, 'option', 'dogs')
  await redis.xgroup('CREATE', contract.stream, 'tally', '0')
  await redis.call('XGROUP', 'SETID', contract.stream, 'tally', `${long}-0`, 'ENTRIESREAD', '3')
  await using counting = tally(redis, contract, { metrics })
  counting.running.pause()
  const [group = []] = (await redis.xinfo('GROUPS', contract.stream)) as unknown[][]
  expect(group[group.indexOf('lag') + 1]).toBe(0)
  expect(await at('group_lag_seconds')).toBeGreaterThan(3_598)
  expect(await at('group_unread')).toBeUndefined()
})

test('shows that the breaker stopped it, and counts why', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { at, reaches } = looking(metrics, contract.channel)
  await write(redis, contract, 1, 2, 3)
  const options = { handle: failing, retry: { maxAttempts: 1 }, breaker: { inARow: 2 } }
  await using _ = tally(redis, contract, { metrics, consumer: 'one', ...options })
  await reaches('consumer_state', 1, { consumer: 'one', state: 'stopped-by-breaker' })
  expect(await at('consumer_ready', { consumer: 'one' })).toBe(0)
  expect(await at('consumer_errors_total', { code: 'consumer.stopped-by-breaker' })).toBe(1)
})

test('counts a group that was removed, loudly, under its own code', async () => {
  const [redis, contract, metrics] = [sharedRedis(), votes(), createMetrics()]
  const { at, reaches } = looking(metrics, contract.channel)
  await write(redis, contract, 1)
  await using _ = tally(redis, contract, { metrics })
  await reaches('messages_handled_total', 1)
  expect(await at('consumer_errors_total', { code: 'consumer.group-missing' })).toBe(0)
  await redis.xgroup('DESTROY', contract.stream, 'tally')
  await reaches('consumer_errors_total', 1, { code: 'consumer.group-missing' })
})

test('a Redis that does not answer fails no text: what it would say is missing, and counted', async () => {
  await using server = await startRedis()
  const proxy = await startFaultProxy(server.port)
  const redis = new Redis(proxy.url)
  redis.on('error', () => undefined)
  onTestFinished(async () => {
    redis.disconnect()
    await proxy[Symbol.asyncDispose]()
  })
  const [contract, metrics] = [votes(), createMetrics({ collectWithinMs: 100 })]
  const { at, reaches } = looking(metrics, contract.channel)
  await write(redisAt(server.url), contract, 1)
  await using _ = tally(redis, contract, { metrics, consumer: 'one', closeDeadlineMs: 100 })
  await reaches('messages_handled_total', 1)
  expect(await at('group_lag_seconds')).toBeLessThan(5)
  proxy.freeze()
  await waitFor('the answer to grow old', async () => (await at('group_lag_seconds')) === undefined)
  expect(valueIn(await metrics.text(), FAILED)).toBeGreaterThan(0)
  expect(await at('consumer_in_hand', { consumer: 'one' })).toBe(0)
  expect(await at('messages_handled_total')).toBe(1)
})

test('asking often asks Redis once a second at most', async () => {
  await using server = await startRedis()
  const redis = redisAt(server.url)
  const [contract, metrics] = [votes(), createMetrics()]
  await using _ = tally(redis, contract, { metrics })
  const { at } = looking(metrics, contract.channel)
  await waitFor('the first answer', async () => (await at('group_pending')) === 0)
  const asked = async () =>
    Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0) +
    Number(/cmdstat_eval:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0)
  const before = await asked()
  for (let i = 0; i < 100; i++) await metrics.text()
  expect((await asked()) - before).toBeLessThanOrEqual(3)
})
