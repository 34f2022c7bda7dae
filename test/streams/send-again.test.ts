import { Redis } from 'ioredis'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import {
  asItWas,
  deadKey,
  discard,
  fieldsOf,
  type Letters,
  park,
  retryKey,
  sendAgain,
  sendAllAgain,
} from '../../streams/index.ts'
import { GROUP, parked, votes } from '../support/dead-letters.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { entriesOf, pendingOf, sharedRedis } from '../support/stream.ts'

async function deadOf(redis: Redis, { stream, group }: Letters): Promise<[id: string, fields: string[]][]> {
  return entriesOf(redis, deadKey(stream, group))
}

async function retriesOf(redis: Redis, { stream, group }: Letters): Promise<[id: string, fields: string[]][]> {
  return entriesOf(redis, retryKey(stream, group))
}

/** The numbers of the votes that came again, in their order. */
async function numbersAgain(redis: Redis, letters: Letters): Promise<number[]> {
  return (await retriesOf(redis, letters)).map(([, fields]) => Number(fieldsOf(fields).number))
}

describe('sending one again', () => {
  test('puts the original fields under the first id on the retry stream, and removes the letter', async () => {
    const redis = sharedRedis()
    const fields = ['option', 'dogs', 'option', 'cats', '_dead_id', 'data of its own']
    const letters = await parked(redis, [{ fields }])
    const [[id] = ['']] = await deadOf(redis, letters)
    const sent = await sendAgain(redis, { ...letters, id })
    const [[retryId, again] = ['', []]] = await retriesOf(redis, letters)
    expect(sent).toEqual({ outcome: 'sent', id: retryId })
    expect(again).toEqual([...fields, '_dead_id', letters.ids[0]])
    expect(asItWas({ id: retryId, fields: again })).toEqual({ id: letters.ids[0], fields })
    expect(await deadOf(redis, letters)).toEqual([])
  })

  test('makes one entry of a reply that was lost and a script that was sent again', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(1))
    const [[id] = ['']] = await deadOf(redis, letters)
    await using proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
    const behind = new Redis(proxy.url)
    onTestFinished(() => behind.disconnect())
    await behind.ping()
    proxy.swallowNext(id)
    expect(await sendAgain(behind, { ...letters, id })).toEqual({ outcome: 'gone' })
    expect(proxy.armed()).toBe(0)
    expect(await retriesOf(redis, letters)).toHaveLength(1)
    expect(await deadOf(redis, letters)).toEqual([])
  })

  test('is done once by many who try it together', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(1))
    const [[id] = ['']] = await deadOf(redis, letters)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => sendAgain(redis, { ...letters, id })))
    expect(outcomes.filter(({ outcome }) => outcome === 'sent')).toHaveLength(1)
    expect(await retriesOf(redis, letters)).toHaveLength(1)
  })

  test('carries an entry of 10,000 fields whole, there and back again', async () => {
    const redis = sharedRedis()
    const fields = Array.from({ length: 10_000 }, (_, i) => [`f${i}`, `é"${i}\n`]).flat()
    const letters = await parked(redis, [{ fields }])
    const [[id] = ['']] = await deadOf(redis, letters)
    await sendAgain(redis, { ...letters, id })
    const [[retryId, again] = ['', []]] = await retriesOf(redis, letters)
    expect(asItWas({ id: retryId, fields: again })).toEqual({ id: letters.ids[0], fields })
    await failAgain(redis, letters, letters.ids[0] ?? '')
    const [[secondId, second] = ['', []]] = await deadOf(redis, letters)
    expect(JSON.parse(fieldsOf(second)._dead_fields ?? '')).toEqual(fields)
    expect(await sendAgain(redis, { ...letters, id: secondId })).toMatchObject({ outcome: 'sent' })
    const [[thirdId, third] = ['', []]] = await retriesOf(redis, letters)
    expect(asItWas({ id: thirdId, fields: third })).toEqual({ id: letters.ids[0], fields })
  })

  test('leaves a letter whose entry had been trimmed: there is nothing to send', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [])
    const id = String(await redis.xadd(letters.stream, '*', 'a', 'b'))
    await redis.xreadgroup('GROUP', GROUP, 'one', 'STREAMS', letters.stream, '>')
    await redis.xtrim(letters.stream, 'MAXLEN', 0)
    const dead = await park(redis, { ...letters, consumer: 'one', id, reason: 'trimmed', detail: '' })
    expect(await sendAgain(redis, { ...letters, id: dead ?? '' })).toEqual({ outcome: 'empty' })
    expect(await deadOf(redis, letters)).toHaveLength(1)
    expect(await retriesOf(redis, letters)).toEqual([])
  })
})

test('an entry that came again and fails again is parked as at first, under its first id', async () => {
  const redis = sharedRedis()
  const letters = await parked(redis, [{ fields: ['option', 'dogs'] }])
  const [[id, first] = ['', []]] = await deadOf(redis, letters)
  await sendAgain(redis, { ...letters, id })
  await failAgain(redis, letters, letters.ids[0] ?? '')
  const [[, second] = ['', []]] = await deadOf(redis, letters)
  const [before, after] = [fieldsOf(first), fieldsOf(second)]
  expect(after).toEqual({ ...before, _dead_at: after._dead_at, _dead_attempts: '3' })
  expect(await retriesOf(redis, letters)).toEqual([])
  expect(await pendingOf(redis, retryKey(letters.stream, GROUP), GROUP)).toBe(0)
})

/** Takes the one entry of the retry stream and parks it, as a consumer does after the last attempt. */
async function failAgain(redis: Redis, { stream, group }: Letters, originalId: string): Promise<void> {
  const retries = retryKey(stream, group)
  await redis.xgroup('CREATE', retries, group, '0').catch(() => undefined)
  const [[id] = ['']] = await entriesOf(redis, retries)
  await redis.xreadgroup('GROUP', group, 'one', 'STREAMS', retries, '>')
  const failed = { stream, group, consumer: 'one', id, originalId, attempts: 3 }
  await park(redis, { ...failed, reason: 'contract_broken', detail: '[]' })
}

describe('sending many again', () => {
  test('sends all, in their order, and tells how far it has come', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(250))
    const told: number[] = []
    const counts = await sendAllAgain(redis, { ...letters, onProgress: ({ sent }) => void told.push(sent) })
    expect(counts).toEqual({ sent: 250, gone: 0, empty: 0 })
    expect(told).toEqual([100, 200, 250])
    expect(await numbersAgain(redis, letters)).toEqual(Array.from({ length: 250 }, (_, i) => i))
    expect(await deadOf(redis, letters)).toEqual([])
  })

  test('sends those of one reason, and no more than the limit', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [
      ...votes(3),
      ...votes(5, { reason: 'handler_error', detail: 'no' }),
      ...votes(2),
    ])
    const filter = { reason: 'handler_error' }
    expect(await sendAllAgain(redis, { ...letters, filter, limit: 4 })).toMatchObject({ sent: 4 })
    expect(await numbersAgain(redis, letters)).toEqual([0, 1, 2, 3])
    expect(await deadOf(redis, letters)).toHaveLength(6)
  })

  test('sends those that were parked before an id', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(4))
    const [, , [before] = ['']] = await deadOf(redis, letters)
    expect(await sendAllAgain(redis, { ...letters, filter: { before } })).toMatchObject({ sent: 2 })
    expect(await numbersAgain(redis, letters)).toEqual([0, 1])
  })

  test('keeps to the rate', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(11))
    const start = performance.now()
    await sendAllAgain(redis, { ...letters, perSecond: 50 })
    expect(performance.now() - start).toBeGreaterThan(195)
    expect(await numbersAgain(redis, letters)).toHaveLength(11)
  })

  test('ends when it is told to, and answers how far it had come', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(5))
    const stopping = new AbortController()
    const onProgress = ({ sent }: { readonly sent: number }): void => (sent === 2 ? stopping.abort() : undefined)
    const counts = await sendAllAgain(redis, { ...letters, perSecond: 1000, signal: stopping.signal, onProgress })
    expect(counts.sent).toBe(2)
    expect(await deadOf(redis, letters)).toHaveLength(3)
  })

  test('leaves what fails again meanwhile for another time', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(3))
    const dead = deadKey(letters.stream, GROUP)
    const parkAnother = () => void redis.xadd(dead, '*', 'a', 'b', '_dead_reason', 'handler_error', '_dead_id', '1-0')
    const counts = await sendAllAgain(redis, { ...letters, perSecond: 500, onProgress: parkAnother })
    expect(counts).toEqual({ sent: 3, gone: 0, empty: 0 })
    expect(await deadOf(redis, letters)).toHaveLength(3)
  })

  test('sends nothing where there is nothing', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [])
    expect(await sendAllAgain(redis, letters)).toEqual({ sent: 0, gone: 0, empty: 0 })
  })
})

describe('discarding', () => {
  test('removes one, once', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(2))
    const [[id] = [''], kept] = await deadOf(redis, letters)
    expect([await discard(redis, { ...letters, id }), await discard(redis, { ...letters, id })]).toEqual([1, 0])
    expect(await deadOf(redis, letters)).toEqual([kept])
  })

  test('removes all that match, and counts them', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [...votes(130), ...votes(3, { reason: 'handler_error', detail: 'no' })])
    const told: number[] = []
    const filter = { reason: 'contract_broken' }
    const onProgress = (discarded: number) => void told.push(discarded)
    expect(await discard(redis, { ...letters, filter, onProgress })).toBe(130)
    expect(told).toEqual([100, 130])
    expect(await deadOf(redis, letters)).toHaveLength(3)
    expect(await discard(redis, { ...letters, limit: 2 })).toBe(2)
    expect(await discard(redis, letters)).toBe(1)
  })
})
