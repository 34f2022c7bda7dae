import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { producer } from '../../producers/index.ts'
import { startRedis } from '../support/redis.ts'
import { entriesOf, redisAt, sharedRedis, uniqueName } from '../support/stream.ts'

function votes(name = uniqueName('votes')) {
  return stream(name, { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]), timestamp: Type.Integer() })
}

test('writes a message as flat fields, as any XADD would, and returns its id', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes)
  const id = await producing.send({ option: 'dogs', timestamp: 17 })
  expect(await entriesOf(redis, Votes.stream)).toEqual([[id, ['option', 'dogs', 'timestamp', '17']]])
})

test('refuses a message that breaks the contract, says where, and writes nothing', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes)
  const sending = producing.send({ option: 'birds', timestamp: 1.5 } as never)
  await expect(sending).rejects.toMatchObject({
    code: 'message.refused',
    channel: Votes.channel,
    findings: [
      { code: 'value.not-allowed', at: '/option' },
      { code: 'value.wrong-type', at: '/timestamp' },
    ],
  })
  expect(await redis.exists(Votes.stream)).toBe(0)
})

test('refuses what the contract does not declare', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes)
  const message = { option: 'dogs', timestamp: 1, vote: 'dogs' } as const
  await expect(producing.send(message)).rejects.toThrow('/vote is not declared by the contract')
})

test('refuses a contract that no writer can keep', () => {
  const contract = stream('votes', { note: Type.Optional(Type.String()) })
  expect(() => producer(sharedRedis(), contract)).toThrow('contract of stream:votes')
})

test('closing waits for what is being sent and refuses what comes later', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  const producing = producer(redis, Votes)
  const sent = Array.from({ length: 50 }, (_, timestamp) => producing.send({ option: 'cats', timestamp }))
  await producing.close()
  await expect(producing.send({ option: 'cats', timestamp: 51 })).rejects.toMatchObject({ code: 'producer.closed' })
  expect(await Promise.all(sent)).toHaveLength(50)
  expect(await redis.xlen(Votes.stream)).toBe(50)
})

test('says that the outcome is unknown when Redis does not confirm', async () => {
  await using server = await startRedis()
  const redis = redisAt(server.url)
  redis.on('error', () => undefined)
  redis.options.maxRetriesPerRequest = 0
  const Votes = votes()
  await using producing = producer(redis, Votes)
  await producing.send({ option: 'dogs', timestamp: 1 })
  await server.stop()
  await expect(producing.send({ option: 'dogs', timestamp: 2 })).rejects.toMatchObject({ code: 'send.outcome-unknown' })
})
