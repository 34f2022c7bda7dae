import { expect, test } from 'vitest'
import { AWAY_MS, createFresh, FRESH_MS } from '../../../registry/access/fresh.ts'

/** What is asked, how often, at a time of the test's own. */
function asked(answer: (key: string) => Promise<{ readonly key: string } | undefined> = async (key) => ({ key })) {
  const clock = { now: 0 }
  const keys: string[] = []
  const fresh = createFresh({
    now: () => clock.now,
    read: async (key) => {
      keys.push(key)
      return answer(key)
    },
  })
  return { fresh, clock, keys }
}

test('what is known is known for some seconds, and asked anew beside the request before they are over', async () => {
  const { fresh, clock, keys } = asked()
  expect(fresh.get('a')).toBeUndefined()
  expect(await fresh.ask('a')).toEqual({ key: 'a' })
  clock.now = 2499
  expect([fresh.get('a'), keys.length]).toEqual([{ key: 'a' }, 1])
  clock.now = 2500
  expect([fresh.get('a'), fresh.get('a'), keys.length]).toEqual([{ key: 'a' }, { key: 'a' }, 2])
  await fresh.ask('a')
  clock.now = 2500 + FRESH_MS - 1
  expect(fresh.get('a')).toEqual({ key: 'a' })
  await fresh.ask('a')
  clock.now += FRESH_MS
  expect(fresh.get('a')).toBeUndefined()
})

test('who asks at the same time is answered by one question', async () => {
  const { fresh, keys } = asked()
  await Promise.all([fresh.ask('a'), fresh.ask('a'), fresh.ask('b')])
  expect(keys).toEqual(['a', 'b'])
})

test('what is forgotten while it is asked for is not kept', async () => {
  const gate = Promise.withResolvers<void>()
  const { fresh, keys } = asked(async (key) => {
    await gate.promise
    return { key }
  })
  const before = fresh.ask('a')
  fresh.forget()
  const after = fresh.ask('a')
  gate.resolve()
  await before
  expect(keys).toEqual(['a', 'a'])
  await after
  fresh.forget()
  expect(fresh.get('a')).toBeUndefined()
})

test('what is not there is asked for each time', async () => {
  const { fresh, keys } = asked(async () => undefined)
  expect([await fresh.ask('a'), await fresh.ask('a'), fresh.get('a'), keys.length]).toEqual([
    undefined,
    undefined,
    undefined,
    2,
  ])
})

test('while the store does not answer, what was known goes on for some minutes', async () => {
  let isAway = false
  const { fresh, clock } = asked(async (key) => {
    if (isAway) throw new Error('away')
    return { key }
  })
  await fresh.ask('a')
  isAway = true
  clock.now = AWAY_MS - 1
  expect(fresh.get('a')).toBeUndefined()
  expect(await fresh.ask('a')).toEqual({ key: 'a' })
  await expect(fresh.ask('b')).rejects.toThrow('away')
  clock.now = AWAY_MS
  await expect(fresh.ask('a')).rejects.toThrow('away')
})
