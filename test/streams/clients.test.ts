import { Type } from '@sinclair/typebox'
import { Cluster, Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterAll, expect, inject, onTestFinished, test } from 'vitest'
import { consumer } from '../../consumers/index.ts'
import { stream } from '../../contracts/index.ts'
import { janitor, producer } from '../../producers/index.ts'
import { discard, listDeadLetters, sendAgain, sendAllAgain, showDeadLetter } from '../../streams/index.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

type Client = Redis | Cluster

const cluster = await startRedisCluster(3)
afterAll(() => cluster[Symbol.asyncDispose]())

const ofOptions = (options: object) => () => new Redis(inject('redisUrl'), options)
const ofCluster = () => new Cluster([...cluster.nodes])
const retrying = { minMs: 5, maxMs: 20, maxAttempts: 2 }

test.each<[string, () => Client]>([
  ['ioredis 6, RESP3', ofOptions({})],
  ['ioredis 6, RESP3 with its own types', ofOptions({ replyMapping: 'resp3' })],
  ['ioredis 6, RESP2', ofOptions({ protocol: 2 })],
  ['ioredis 6, pipelining by itself', ofOptions({ enableAutoPipelining: true })],
  ['ioredis 6, numbers as text', ofOptions({ stringNumbers: true })],
  ['ioredis 5', () => new Redis5(inject('redisUrl')) as unknown as Redis],
  ['a cluster of three nodes', ofCluster],
])('%s: what is sent is handled, parked, sent again and trimmed', async (_name, connect) => {
  const redis = connect()
  onTestFinished(() => redis.disconnect())
  for (const name of [uniqueName('votes'), uniqueName('{tagged}:votes')])
    expect(await playThrough(redis, name)).toEqual(['cats', 'dogs'])
})

/** A name for each node of the cluster, at least: each lies in a slot of its own. */
test('in a cluster, streams of every slot keep their keys together', async () => {
  const redis = ofCluster()
  onTestFinished(() => redis.disconnect())
  const names = Array.from({ length: 12 }, (_, i) => `votes:${i}`)
  const slots = await Promise.all(names.map((name) => redis.call('CLUSTER', 'KEYSLOT', name)))
  expect(new Set(slots.map((slot) => Math.floor((Number(slot) * 3) / 16_384)))).toEqual(new Set([0, 1, 2]))
  const handled = await Promise.all(names.map((name) => playThrough(redis, name)))
  expect(handled).toEqual(names.map(() => ['cats', 'dogs']))
})

/** A node of a cluster refuses a call whose keys lie in two slots. */
test.each(['votes', '{votes}:eu', 'a{b}c'])(
  'in a cluster, `%s` is written, repeated, waited for and trimmed',
  async (name) => {
    const redis = ofCluster()
    onTestFinished(() => redis.disconnect())
    const Votes = stream(name, { n: Type.Integer() })
    await using producing = producer(redis, Votes, { wait: { replicas: 0, timeoutMs: 10 } })
    await using _ = janitor(redis, Votes, { onError: (error) => expect.fail(error.message) })
    const ids = await producing.sendBatch([{ n: 1 }, { n: 2 }], { token: 'batch' })
    expect(await producing.sendBatch([{ n: 1 }, { n: 2 }], { token: 'batch' })).toEqual(ids)
    await Promise.all([producing.send({ n: 3 }), producing.send({ n: 4 }, { token: 'own' })])
    expect(await redis.xlen(name)).toBe(4)
  },
)

/** What was handled, in the end. */
async function playThrough(redis: Client, name: string): Promise<string[]> {
  const Votes = stream(name, { option: Type.String() }, { headers: 'id' })
  const letters = { stream: name, group: 'tally' }
  const handled: string[] = []
  let isBroken = true
  await using votes = producer(redis, Votes)
  const ids = await votes.sendBatch([{ option: 'cats' }, { option: 'dogs' }], { token: 'once' })
  expect(await votes.sendBatch([{ option: 'cats' }, { option: 'dogs' }], { token: 'once' })).toEqual(ids)
  await redis.xadd(name, '*', 'vote', 'cats')
  await using tally = consumer(redis, Votes, {
    group: 'tally',
    blockMs: 50,
    retry: retrying,
    handle: ({ option }) => {
      if (option === 'dogs' && isBroken) throw new Error('not yet')
      handled.push(option)
    },
  })
  await waitFor('two dead letters', async () => (await listDeadLetters(redis, letters)).letters.length === 2)
  const { letters: parked } = await listDeadLetters(redis, letters)
  expect(parked.map(({ reason }) => reason).toSorted()).toEqual(['contract_broken', 'handler_error'])
  const [failed] = (await listDeadLetters(redis, { ...letters, reason: 'handler_error' })).letters
  expect(await showDeadLetter(redis, { ...letters, id: failed?.id ?? '' })).toMatchObject({ originalId: ids[1] })
  isBroken = false
  expect(await sendAgain(redis, { ...letters, id: failed?.id ?? '' })).toMatchObject({ outcome: 'sent' })
  await waitFor('the letter that was sent again', () => handled.includes('dogs'))
  expect(await sendAllAgain(redis, letters)).toEqual({ sent: 1, gone: 0, empty: 0 })
  await waitFor('it to come back', async () => (await listDeadLetters(redis, letters)).letters.length === 1)
  expect(await discard(redis, letters)).toBe(1)
  await tally.close()
  await using sweeping = janitor(redis, Votes)
  await waitFor(
    'everything to be trimmed',
    async () => (await sweeping.sweep()) >= 0 && (await lengthOf(redis, name)) <= 3,
  )
  return handled
}

async function lengthOf(redis: Client, name: string): Promise<number> {
  return Number(await redis.call('XLEN', name))
}
