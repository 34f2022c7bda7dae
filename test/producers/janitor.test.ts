import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { janitor, type Lost } from '../../producers/index.ts'
import { sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

/** Redis keeps a hundred entries in a node, and trims whole nodes. */
async function filled(entries = 1_000) {
  const redis = sharedRedis()
  const name = uniqueName('swept')
  const pipeline = redis.pipeline()
  for (let n = 1; n <= entries; n++) pipeline.xadd(name, `${n}-0`, 'n', n)
  await pipeline.exec()
  const read = async (group: string, count: number) => {
    await redis.xreadgroup('GROUP', group, 'me', 'COUNT', count, 'STREAMS', name, '>')
  }
  const acknowledge = (group: string, from: number, to: number) =>
    redis.xack(name, group, ...Array.from({ length: to - from + 1 }, (_, i) => `${from + i}-0`))
  return { redis, name, read, acknowledge }
}

const never = { everyMs: 3_600_000 }

test('takes what every group has read and acknowledged, and nothing else', async () => {
  const { redis, name, read, acknowledge } = await filled()
  for (const group of ['tally', 'mail']) await redis.xgroup('CREATE', name, group, '0')
  await read('tally', 900)
  await acknowledge('tally', 1, 900)
  await using sweeping = janitor(redis, stream(name, { n: Type.Integer() }), never)
  expect(await sweeping.sweep()).toBe(0)
  await read('mail', 500)
  await acknowledge('mail', 1, 349)
  expect(await sweeping.sweep()).toBe(300)
  expect(await redis.xlen(name)).toBe(700)
  await acknowledge('mail', 350, 500)
  expect(await sweeping.sweep()).toBe(100)
  expect((await redis.xrange(name, '-', '+', 'COUNT', 1))[0]?.[0]).toBe('401-0')
})

test('leaves a stream alone that has no groups, or is not there', async () => {
  const { redis, name } = await filled()
  await using sweeping = janitor(redis, name, never)
  await using elsewhere = janitor(redis, uniqueName('nothing'), never)
  expect(await Promise.all([sweeping.sweep(), elsewhere.sweep()])).toEqual([0, 0])
  expect(await redis.xlen(name)).toBe(1_000)
})

test('keeps what is younger than it should keep', async () => {
  const redis = sharedRedis()
  const name = uniqueName('young')
  const now = Date.now()
  const pipeline = redis.pipeline()
  for (let n = 0; n < 400; n++) pipeline.xadd(name, `${now - (n < 200 ? 120_000 : 10_000)}-${n + 1}`, 'n', n)
  await pipeline.exec()
  await redis.xgroup('CREATE', name, 'tally', '$')
  await using sweeping = janitor(redis, name, { ...never, keepAtLeastMs: 60_000 })
  await waitFor('the old to go', async () => (await redis.xlen(name)) === 200)
  expect(await sweeping.sweep()).toBe(0)
})

test('sweeps by itself and says what it took', async () => {
  const { redis, name } = await filled()
  const trimmed: number[] = []
  await using _ = janitor(redis, name, { everyMs: 10, onTrimmed: (count) => trimmed.push(count) })
  await redis.xgroup('CREATE', name, 'tally', '501-0')
  await waitFor('a sweep', () => trimmed.length > 0)
  expect(trimmed).toEqual([500])
})

test("tells once that someone else's MAXLEN took what a group had not read", async () => {
  const { redis, name, read } = await filled()
  await redis.xgroup('CREATE', name, 'tally', '0', 'ENTRIESREAD', 0)
  await redis.xgroup('CREATE', name, 'mail', '$')
  await read('tally', 200)
  const lost: Lost[] = []
  await using sweeping = janitor(redis, name, { ...never, onLost: (loss) => lost.push(loss) })
  await sweeping.sweep()
  expect(lost).toEqual([])
  await redis.xtrim(name, 'MAXLEN', 700)
  await sweeping.sweep()
  await sweeping.sweep()
  expect(lost).toEqual([{ group: 'tally', entries: 100, after: '200-0', before: '301-0' }])
  await redis.xtrim(name, 'MAXLEN', 0)
  await sweeping.sweep()
  expect(lost.slice(1)).toEqual([{ group: 'tally', entries: 700, after: '200-0', before: undefined }])
})

test('tells what a group lost that has read nothing yet, but not what was gone before the group came', async () => {
  const { redis, name } = await filled()
  await redis.xtrim(name, 'MAXLEN', 900)
  await redis.xgroup('CREATE', name, 'tally', '0')
  const lost: Lost[] = []
  await using sweeping = janitor(redis, name, { ...never, onLost: (loss) => lost.push(loss) })
  await sweeping.sweep()
  expect(lost).toEqual([])
  await redis.xtrim(name, 'MAXLEN', 500)
  await sweeping.sweep()
  expect(lost).toEqual([{ group: 'tally', entries: 400, after: '0-0', before: '501-0' }])
})

test('survives what fails and tells it', async () => {
  const redis = sharedRedis()
  const name = uniqueName('text')
  await redis.set(name, 'no stream')
  const errors: Error[] = []
  await using _ = janitor(redis, name, { everyMs: 5, onError: (error) => errors.push(error) })
  await waitFor('two failures', () => errors.length >= 2)
  expect(errors[0]?.message).toContain('WRONGTYPE')
})
