import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { compileDecode, stream } from '../../contracts/index.ts'
import { producer } from '../../producers/index.ts'
import { deadKey } from '../../streams/index.ts'
import { entriesOf, sharedRedis, uniqueName } from '../support/stream.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const votes = (headers: 'off' | 'id' | 'full') => stream(uniqueName('votes'), { option: Type.String() }, { headers })

test('writes headers last and in one order, and a reader takes them off', async () => {
  const [redis, Votes] = [sharedRedis(), votes('full')]
  await using producing = producer(redis, Votes, { schemaId: '17' })
  await producing.send({ option: 'dogs' }, { key: 'anna', token: 'vote-1', traceparent })
  const [[, fields] = ['', []]] = await entriesOf(redis, Votes.stream)
  expect(fields).toEqual(['option', 'dogs', '_sid', '17', '_id', 'vote-1', '_k', 'anna', '_tp', traceparent])
  expect(compileDecode(Votes)(fields)).toEqual({ message: { option: 'dogs' } })
})

test("writes a key and an id of its own with headers 'id', and no traceparent", async () => {
  const [redis, Votes] = [sharedRedis(), votes('id')]
  await using producing = producer(redis, Votes)
  await producing.sendBatch([{ option: 'dogs' }, { option: 'cats' }], { key: ({ option }) => option, traceparent })
  const entries = await entriesOf(redis, Votes.stream)
  const [first = [], second = []] = entries.map(([, fields]) => fields)
  expect(first).toEqual(['option', 'dogs', '_id', expect.stringMatching(/~0$/), '_k', 'dogs'])
  expect(second).toEqual(['option', 'cats', '_id', first[3]?.replace(/~0$/, '~1'), '_k', 'cats'])
})

test('writes nothing beside the fields without headers, and refuses a key that nobody would see', async () => {
  const [redis, Votes] = [sharedRedis(), votes('off')]
  await using producing = producer(redis, Votes, { schemaId: '17' })
  await producing.send({ option: 'dogs' }, { traceparent })
  await expect(producing.send({ option: 'dogs' }, { key: 'anna' })).rejects.toThrow("headers: 'id' or 'full'")
  await expect(producing.send({ option: 'dogs' }, { token: '\ud800' })).rejects.toThrow('ill-formed')
  expect((await entriesOf(redis, Votes.stream)).map(([, fields]) => fields)).toEqual([['option', 'dogs']])
})

test.each(['votes', '{votes}', 'shop:{votes}:eu'])('keeps the tokens of %s in the slot of the stream', async (name) => {
  const redis = sharedRedis()
  const Votes = stream(`${uniqueName('slot')}${name}`, { option: Type.String() })
  await using producing = producer(redis, Votes)
  await producing.send({ option: 'dogs' }, { token: 'once' })
  const sent = deadKey(Votes.stream, 'once').replace(':dead:', ':sent:')
  expect(await redis.get(sent)).toMatch(/^\d+-0\+1$/)
  expect(await redis.pttl(sent)).toBeGreaterThan(590_000)
})
