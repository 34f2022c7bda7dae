import { Type } from '@sinclair/typebox'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { type ProducerOptions, producer, type SendFailed } from '../../producers/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { startRedis } from '../support/redis.ts'
import { entriesOf, redisAt, sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

async function broken(options: ProducerOptions) {
  const proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
  const redis = new Redis(proxy.url, { retryStrategy: () => 20 })
  const Votes = stream(uniqueName('votes'), { n: Type.Integer() })
  const producing = producer(redis, Votes, options)
  onTestFinished(async () => {
    redis.disconnect()
    await producing.close()
    await proxy[Symbol.asyncDispose]()
  })
  redis.on('error', () => undefined)
  await redis.ping()
  return { proxy, redis, direct: sharedRedis(), name: Votes.stream, producing }
}

const code = (sending: Promise<unknown>) =>
  sending.then(
    () => 'sent',
    (error: { code?: string }) => error.code,
  )

test.each([
  ['in the buffer', 10_000],
  ['waiting for room in it', 1],
])(
  'ends by its deadline when Redis answers nothing: unknown in flight, not written %s behind it',
  async (_, maxBuffered) => {
    const { proxy, producing } = await broken({ deadlineMs: 400, maxBatch: 1, maxBuffered })
    proxy.freeze()
    const started = performance.now()
    const codes = await Promise.all([1, 2, 3].map((n) => code(producing.send({ n }))))
    expect(performance.now() - started).toBeLessThan(750)
    // The second one's deadline is a little later, in which it may be sent as well.
    expect(codes).toEqual([
      'send.outcome-unknown',
      expect.stringMatching(/outcome-unknown|nothing-written/),
      'send.nothing-written',
    ])
  },
)

test('hands nothing to a client that is not connected, and sends when it is', async () => {
  const { proxy, redis, direct, name, producing } = await broken({ deadlineMs: 300 })
  const disconnected = new Promise((resolve) => redis.once('close', resolve))
  proxy.refuse()
  await disconnected
  expect(await code(producing.send({ n: 1 }))).toBe('send.nothing-written')
  const sent = producing.send({ n: 2 })
  proxy.heal()
  const id = await sent
  expect(await entriesOf(direct, name)).toEqual([[id, ['n', '2']]])
})

test('lets sends beyond the buffer wait for room, which a signal may end with nothing written', async () => {
  const { proxy, direct, name, producing } = await broken({ maxBuffered: 4, maxBatch: 2 })
  const giveUp = new AbortController()
  proxy.swallow()
  const first = [0, 1].map((n) => producing.send({ n }))
  const inside = [2, 3].map((n) => producing.send({ n }))
  const waiting = [4, 5, 6].map((n) => producing.send({ n }, { signal: giveUp.signal }))
  const last = [7, 8].map((n) => producing.send({ n }))
  giveUp.abort(new Error('the request is gone'))
  expect(await Promise.all(waiting.map(code))).toEqual(Array(3).fill('send.nothing-written'))
  proxy.cut()
  const ids = await Promise.all([...first, ...inside, ...last])
  const entries = await entriesOf(direct, name)
  expect(entries).toEqual([0, 1, 2, 3, 7, 8].map((n, i) => [ids[i], ['n', String(n)]]))
})

test('gives up by its signal: before its turn nothing is written, in flight it is unknown', async () => {
  const { proxy, direct, name, producing } = await broken({})
  const giveUp = new AbortController()
  const { signal } = giveUp
  await expect(producing.send({ n: 0 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'send.nothing-written',
  })
  proxy.freeze()
  const inFlight = code(producing.sendBatch([{ n: 1 }, { n: 2 }], { signal }))
  const queued = [producing.send({ n: 3 }, { signal }), producing.sendBatch([{ n: 4 }], { signal })].map(code)
  const kept = producing.send({ n: 5 })
  await Promise.resolve()
  await Promise.resolve()
  giveUp.abort('no reason at all')
  expect(await inFlight).toBe('send.outcome-unknown')
  expect(await Promise.all(queued)).toEqual(Array(2).fill('send.nothing-written'))
  proxy.heal()
  await kept
  expect((await entriesOf(direct, name)).map(([, [, n]]) => n)).toEqual(['1', '2', '5'])
})

test('takes a batch that is larger than the buffer when it is alone', async () => {
  const { direct, name, producing } = await broken({ maxBuffered: 3 })
  await Promise.all([
    producing.send({ n: 0 }),
    producing.sendBatch(Array.from({ length: 10 }, () => ({ n: 1 }))),
    producing.send({ n: 2 }),
  ])
  expect((await entriesOf(direct, name)).map(([, [, n]]) => n)).toEqual(['0', ...Array(10).fill('1'), '2'])
})

test('counts as sent only what the asked number of replicas have', async () => {
  await using primary = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  await using replica = await startRedis()
  const redis = redisAt(primary.url)
  redis.on('error', () => undefined)
  await using producing = producer(redis, stream('votes', { n: Type.Integer() }), {
    wait: { replicas: 1, timeoutMs: 250 },
  })
  const alone = await producing.send({ n: 1 }).catch((error: SendFailed) => error)
  expect(alone).toMatchObject({ code: 'send.outcome-unknown', message: /0 of 1/ })
  const copy = redisAt(replica.url)
  copy.on('error', () => undefined)
  await copy.replicaof('127.0.0.1', primary.port)
  await waitFor('the replica to have the entry', () => copy.exists('votes'))
  const id = await producing.send({ n: 1 }, { token: (alone as SendFailed).token })
  expect(await entriesOf(copy, 'votes')).toEqual([[id, ['n', '1']]])
})
