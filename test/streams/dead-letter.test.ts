import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { deadKey, fieldsOf, park } from '../../streams/index.ts'
import { entriesOf, pendingOf, sharedRedis, uniqueName } from '../support/stream.ts'

const about = { group: 'tally', consumer: 'one', reason: 'contract_broken', detail: '[]' } as const

/** A stream of one entry that the group was given and has not acknowledged. */
async function pendingEntry(redis: Redis, ...fields: string[]): Promise<{ stream: string; id: string }> {
  const stream = uniqueName('votes')
  await redis.xgroup('CREATE', stream, 'tally', '0', 'MKSTREAM')
  const id = (await redis.xadd(stream, '*', ...fields)) ?? ''
  await redis.xreadgroup('GROUP', 'tally', 'one', 'STREAMS', stream, '>')
  return { stream, id }
}

test('parking copies the entry untouched, says why, and acknowledges it', async () => {
  const redis = sharedRedis()
  const { stream, id } = await pendingEntry(redis, 'option', 'dogs', 'option', 'cats')
  await park(redis, { ...about, stream, id })
  const [[, fields] = ['', []]] = await entriesOf(redis, deadKey(stream, 'tally'))
  expect(fields.slice(0, 4)).toEqual(['option', 'dogs', 'option', 'cats'])
  expect(fieldsOf(fields)).toMatchObject({
    _dead_reason: 'contract_broken',
    _dead_id: id,
    _dead_stream: stream,
    _dead_group: 'tally',
    _dead_consumer: 'one',
  })
  expect(Number(fieldsOf(fields)._dead_at)).toBeGreaterThan(Number(id.split('-')[0]) - 1)
  expect(await pendingOf(redis, stream, 'tally')).toBe(0)
})

test('parking twice, as after a lost reply, makes one dead letter', async () => {
  const redis = sharedRedis()
  const { stream, id } = await pendingEntry(redis, 'option', 'dogs')
  const answers = await Promise.all([1, 2, 3].map(() => park(redis, { ...about, stream, id })))
  expect(answers.filter((answer) => answer !== null)).toHaveLength(1)
  expect(await entriesOf(redis, deadKey(stream, 'tally'))).toHaveLength(1)
})

test('an entry with more fields than a script can pass on is kept whole as JSON', async () => {
  const redis = sharedRedis()
  const many = Array.from({ length: 5000 }, (_, i) => [`f${i}`, String(i)]).flat()
  const { stream, id } = await pendingEntry(redis, ...many)
  await park(redis, { ...about, stream, id })
  const [[, fields] = ['', []]] = await entriesOf(redis, deadKey(stream, 'tally'))
  expect(JSON.parse(fieldsOf(fields)._dead_fields ?? '')).toEqual(many)
})

test('an entry that was trimmed while pending leaves a dead letter with its id', async () => {
  const redis = sharedRedis()
  const { stream, id } = await pendingEntry(redis, 'option', 'dogs')
  await redis.xtrim(stream, 'MAXLEN', 0)
  await park(redis, { ...about, stream, id, reason: 'trimmed' })
  const [[, fields] = ['', []]] = await entriesOf(redis, deadKey(stream, 'tally'))
  expect(fieldsOf(fields)).toMatchObject({ _dead_reason: 'trimmed', _dead_id: id })
  expect(await pendingOf(redis, stream, 'tally')).toBe(0)
})
