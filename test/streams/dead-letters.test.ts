import { describe, expect, test } from 'vitest'
import { countDeadLetters, deadKey, listDeadLetters, showDeadLetter } from '../../streams/index.ts'
import { GROUP, parked, votes } from '../support/dead-letters.ts'
import { entriesOf, sharedRedis, uniqueName } from '../support/stream.ts'

const MISSING = '[{"code":"field.missing","at":"/vote"}]'

describe('listing', () => {
  test('tells what is said of each letter, oldest first, and no payload values', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [
      { fields: ['option', 'secret'], detail: MISSING },
      { fields: ['option', 'secret'], reason: 'handler_error', detail: 'no such table', attempts: 5 },
    ])
    const page = await listDeadLetters(redis, letters)
    const dead = await entriesOf(redis, deadKey(letters.stream, GROUP))
    expect(page).toEqual({
      next: null,
      letters: [
        {
          id: dead[0]?.[0],
          originalId: letters.ids[0],
          reason: 'contract_broken',
          findings: [{ code: 'field.missing', at: '/vote' }],
          consumer: 'one',
          at: expect.any(Number),
        },
        {
          id: dead[1]?.[0],
          originalId: letters.ids[1],
          reason: 'handler_error',
          findings: [],
          error: 'no such table',
          consumer: 'one',
          at: expect.any(Number),
          attempts: 5,
        },
      ],
    })
  })

  test('tells the values when they are asked for, as they stand', async () => {
    const redis = sharedRedis()
    const fields = ['option', 'dogs', '_dead_reason', 'data of its own', 'option', 'cats']
    const letters = await parked(redis, [{ fields }])
    const { letters: listed } = await listDeadLetters(redis, { ...letters, values: true })
    expect(listed).toMatchObject([{ fields, reason: 'contract_broken' }])
  })

  test('goes on page by page until there is none', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(5))
    const first = await listDeadLetters(redis, { ...letters, limit: 2 })
    const second = await listDeadLetters(redis, { ...letters, limit: 2, after: first.next ?? '' })
    const third = await listDeadLetters(redis, { ...letters, limit: 2, after: second.next ?? '' })
    const all = [first, second, third].flatMap((page) => page.letters.map(({ originalId }) => originalId))
    expect(all).toEqual(letters.ids)
    expect(third.next).toBe(null)
  })

  test('finds the rare reason among thousands of others', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, votes(1, { reason: 'trimmed', detail: '' }))
    const key = deadKey(letters.stream, GROUP)
    const pipeline = redis.pipeline()
    for (let i = 0; i < 3000; i++) pipeline.xadd(key, '*', 'n', String(i), '_dead_reason', 'handler_error')
    pipeline.xadd(key, '*', 'n', 'last', '_dead_reason', 'trimmed')
    await pipeline.exec()
    const { letters: found } = await listDeadLetters(redis, { ...letters, reason: 'trimmed' })
    expect(found).toHaveLength(2)
    expect(await countDeadLetters(redis, letters)).toEqual(
      new Map([
        ['trimmed', 2],
        ['handler_error', 3000],
      ]),
    )
  })

  test('goes through letters of a megabyte each', async () => {
    const redis = sharedRedis()
    const letters = { stream: uniqueName('votes'), group: GROUP }
    const large = 'x'.repeat(1_000_000)
    for (let i = 0; i < 15; i++)
      await redis.xadd(
        deadKey(letters.stream, GROUP),
        '*',
        'large',
        large,
        '_dead_reason',
        i < 14 ? 'trimmed' : 'other',
      )
    expect((await listDeadLetters(redis, { ...letters, reason: 'other' })).letters).toHaveLength(1)
    expect((await listDeadLetters(redis, { ...letters, limit: 12, values: true })).letters).toHaveLength(12)
    expect(await countDeadLetters(redis, letters)).toEqual(new Map(Object.entries({ trimmed: 14, other: 1 })))
  })

  test('leaves out what was parked before or after', async () => {
    const redis = sharedRedis()
    const letters = { stream: uniqueName('votes'), group: GROUP }
    for (const id of ['5-1', '6-0', '6-7', '7-0'])
      await redis.xadd(deadKey(letters.stream, GROUP), id, 'a', 'b', '_dead_reason', 'trimmed')
    const idsOf = async (range: { after?: string; before?: string }) =>
      (await listDeadLetters(redis, { ...letters, ...range })).letters.map(({ id }) => id)
    expect(await idsOf({ after: '5', before: '7' })).toEqual(['6-0', '6-7'])
    expect(await idsOf({ after: '6-0', before: '7-0' })).toEqual(['6-7'])
    expect(await countDeadLetters(redis, { ...letters, after: '6' })).toEqual(new Map([['trimmed', 1]]))
  })

  test('of a stream without dead letters is empty', async () => {
    const letters = { stream: uniqueName('votes'), group: GROUP }
    expect(await listDeadLetters(sharedRedis(), letters)).toEqual({ letters: [], next: null })
    expect(await countDeadLetters(sharedRedis(), letters)).toEqual(new Map())
  })

  test('takes ids and times only', async () => {
    const letters = { stream: uniqueName('votes'), group: GROUP, after: 'yesterday' }
    await expect(listDeadLetters(sharedRedis(), letters)).rejects.toThrow('"yesterday" is neither the id')
  })
})

describe('showing', () => {
  test('tells the whole letter, and why it is one in words', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [{ fields: ['option', 'dogs'], detail: MISSING, attempts: 1 }])
    const [[id] = ['']] = await entriesOf(redis, deadKey(letters.stream, GROUP))
    expect(await showDeadLetter(redis, { ...letters, id })).toMatchObject({
      id,
      originalId: letters.ids[0],
      fields: ['option', 'dogs'],
      words: ['/vote is required and missing'],
      attempts: 1,
    })
  })

  test('tells the fields of an entry that was kept as JSON', async () => {
    const redis = sharedRedis()
    const fields = Array.from({ length: 10_000 }, (_, i) => [`f${i}`, `é"${i}`]).flat()
    const letters = await parked(redis, [{ fields }])
    const [[id] = ['']] = await entriesOf(redis, deadKey(letters.stream, GROUP))
    expect((await showDeadLetter(redis, { ...letters, id }))?.fields).toEqual(fields)
  })

  test('gives findings of a newer Concordat as they are', async () => {
    const redis = sharedRedis()
    const letters = await parked(redis, [{ fields: ['a', 'b'], detail: '[{"code":"moon.full","at":"/a"}]' }])
    const [[id] = ['']] = await entriesOf(redis, deadKey(letters.stream, GROUP))
    expect((await showDeadLetter(redis, { ...letters, id }))?.words).toEqual(['{"code":"moon.full","at":"/a"}'])
  })

  test('shows what somebody else put there', async () => {
    const redis = sharedRedis()
    const letters = { stream: uniqueName('votes'), group: GROUP }
    const id = String(await redis.xadd(deadKey(letters.stream, GROUP), '7-0', 'a', 'b'))
    expect(await showDeadLetter(redis, { ...letters, id })).toMatchObject({
      reason: 'unknown',
      at: 7,
      fields: ['a', 'b'],
    })
  })

  test('answers null where there is nothing under the id, and refuses what is no id', async () => {
    const letters = { stream: uniqueName('votes'), group: GROUP }
    expect(await showDeadLetter(sharedRedis(), { ...letters, id: '1-0' })).toBe(null)
    await expect(showDeadLetter(sharedRedis(), { ...letters, id: '1' })).rejects.toThrow('"1" is no id')
  })
})
