import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { type MessageRefused, producer } from '../../producers/index.ts'
import { startRedis } from '../support/redis.ts'
import { entriesOf, redisAt, sharedRedis, uniqueName } from '../support/stream.ts'

function votes(name = uniqueName('votes')) {
  return stream(name, { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]), timestamp: Type.Integer() })
}

function numbered(count: number) {
  return Array.from({ length: count }, (_, timestamp) => ({ option: 'cats' as const, timestamp }))
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

test('writes a batch in its order and returns its ids', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes, { maxBatch: 7 })
  const ids = await producing.sendBatch(numbered(20))
  const entries = await entriesOf(redis, Votes.stream)
  expect(entries.map(([id]) => id)).toEqual(ids)
  expect(entries.map(([, fields]) => fields[3])).toEqual(numbered(20).map(({ timestamp }) => String(timestamp)))
  expect(await producing.sendBatch([])).toEqual([])
})

test('answers the ids of a batch for which the clock of Redis moves on, and again from its token', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes, { maxBatch: 5_000 })
  const ids = await producing.sendBatch(numbered(5_000), { token: 'long' })
  expect(new Set(ids.map((id) => id.split('-')[0])).size).toBeGreaterThan(1)
  expect((await entriesOf(redis, Votes.stream)).map(([id]) => id)).toEqual(ids)
  expect(await producing.sendBatch(numbered(5_000), { token: 'long' })).toEqual(ids)
})

test('writes nothing of a batch in which a message is refused, and says which', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  const told: MessageRefused[] = []
  await using producing = producer(redis, Votes, { onRefused: (refused) => told.push(refused) })
  const batch = [...numbered(3), { option: 'birds', timestamp: 3 }, { option: 'cats', timestamp: 1.5 }] as never[]
  const error = await producing.sendBatch(batch).catch((refused: unknown) => refused)
  expect(error).toMatchObject({
    code: 'message.refused',
    refused: [
      { index: 3, findings: [{ code: 'value.not-allowed', at: '/option' }] },
      { index: 4, findings: [{ code: 'value.wrong-type', at: '/timestamp' }] },
    ],
  })
  expect(String(error)).toContain('message 4 of the batch breaks its contract')
  expect(told).toEqual([error])
  expect(await redis.exists(Votes.stream)).toBe(0)
})

test('writes what is sent one by one, in batches and by tokens in the order of the calls', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes, { maxBatch: 4 })
  const messages = numbered(30)
  const sending = messages.flatMap((message, i): Promise<unknown>[] => {
    if (i % 10 === 3) return [producing.send(message, { token: uniqueName('token') })]
    if (i % 10 === 6) return [producing.sendBatch(messages.slice(i, i + 2))]
    return i % 10 === 7 ? [] : [producing.send(message)]
  })
  await Promise.all(sending)
  const entries = await entriesOf(redis, Votes.stream)
  expect(entries.map(([, fields]) => Number(fields[3]))).toEqual(messages.map(({ timestamp }) => timestamp))
})

test('writes sends of one turn in one step', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes)
  const ids = await Promise.all(numbered(100).map((message) => producing.send(message)))
  const keys = await redis.keys(`{${Votes.stream}}:sent:*`)
  expect(keys).toHaveLength(1)
  expect(String(await redis.get(keys[0] ?? '')).length).toBeLessThan(300)
  expect((await entriesOf(redis, Votes.stream)).map(([id]) => id)).toEqual(ids)
})

test('says names once for entries with the same fields, and keeps every entry as it is', async () => {
  const redis = sharedRedis()
  const Notes = stream(uniqueName('notes'), { n: Type.Integer(), note: Type.Optional(Type.String()) })
  await using producing = producer(redis, Notes)
  const notes = ['é', '', '"quoted"\\', '\0', '😀', undefined, undefined, '{}', '[1]', undefined, 'null', '\u2028']
  await producing.sendBatch(notes.map((note, n) => (note === undefined ? { n } : { n, note })))
  expect((await entriesOf(redis, Notes.stream)).map(([, fields]) => fields)).toEqual(
    notes.map((note, n) => ['n', String(n), ...(note === undefined ? [] : ['note', note])]),
  )
})

test('goes on when Redis has forgotten the script', async () => {
  await using server = await startRedis()
  const [redis, Votes] = [redisAt(server.url), votes()]
  await using producing = producer(redis, Votes)
  await producing.send({ option: 'cats', timestamp: 1 })
  await redis.script('FLUSH')
  await producing.send({ option: 'cats', timestamp: 2 })
  expect(await redis.xlen(Votes.stream)).toBe(2)
})

function wide(fields: number) {
  return { field0: 0, ...Object.fromEntries(Array.from({ length: fields }, (_, i) => [`field${i}`, i])) }
}

test('refuses a message of more fields than a script can write, and writes one of as many as it can', async () => {
  const redis = sharedRedis()
  const fields = Type.Object({ field0: Type.Integer() }, { additionalProperties: Type.Integer() })
  const Wide = stream(uniqueName('wide'), fields, { headers: 'full' })
  await using producing = producer(redis, Wide, { schemaId: '17' })
  await expect(producing.send(wide(3901))).rejects.toThrow('more than the 3900 members')
  await producing.send(wide(3900), { key: 'k', traceparent: 't' })
  expect((await entriesOf(redis, Wide.stream))[0]?.[1]).toHaveLength(7808)
})

test.each([{ deadlineMs: 0 }, { maxBatch: 1.5 }, { maxBuffered: -1 }, { tokenTtlMs: Number.NaN }])(
  'refuses %o as an option',
  (options) => {
    expect(() => producer(sharedRedis(), votes(), options)).toThrow('give it an integer from 1 on')
  },
)
