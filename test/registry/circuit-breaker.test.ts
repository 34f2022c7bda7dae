import { expect, test } from 'vitest'
import { CircuitBreaker } from '../../registry/circuit-breaker.ts'

class Silence extends Error {}

function makeBreaker() {
  const clock = { now: 0 }
  const breaker = new CircuitBreaker({
    isFailure: (error) => error instanceof Silence,
    refusal: (failure) => new Error(`refused after: ${String(failure)}`),
    failures: 3,
    pauseMs: 1000,
    now: () => clock.now,
  })
  const fail = () => breaker.run(() => Promise.reject(new Silence('gone')))
  const answer = () => breaker.run(async () => 'answer')
  return { clock, breaker, fail, answer }
}

async function open({ fail }: ReturnType<typeof makeBreaker>): Promise<void> {
  for (const _ of [1, 2, 3]) await expect(fail()).rejects.toThrow('gone')
}

test('lets everything through while there are answers', async () => {
  const { fail, answer } = makeBreaker()
  for (const _ of [1, 2, 3]) {
    await expect(fail()).rejects.toThrow('gone')
    await expect(fail()).rejects.toThrow('gone')
    await expect(answer()).resolves.toBe('answer')
  }
})

test('takes an error that is no failure for an answer', async () => {
  const { breaker, fail, answer } = makeBreaker()
  await expect(fail()).rejects.toThrow('gone')
  await expect(fail()).rejects.toThrow('gone')
  await expect(breaker.run(() => Promise.reject(new Error('no such table')))).rejects.toThrow('no such table')
  await expect(fail()).rejects.toThrow('gone')
  await expect(answer()).resolves.toBe('answer')
})

test('refuses at once, without asking, after enough failures in a row', async () => {
  const of = makeBreaker()
  await open(of)
  of.clock.now = 999
  await expect(of.answer()).rejects.toThrow('refused after: Error: gone')
})

test('lets one try after the pause, and all when that one has an answer', async () => {
  const of = makeBreaker()
  await open(of)
  of.clock.now = 1000
  const { promise, resolve } = Promise.withResolvers<string>()
  const trial = of.breaker.run(() => promise)
  await expect(of.answer()).rejects.toThrow('refused')
  resolve('it is back')
  await expect(trial).resolves.toBe('it is back')
  await expect(Promise.all([of.answer(), of.answer()])).resolves.toEqual(['answer', 'answer'])
  await expect(of.fail()).rejects.toThrow('gone')
  await expect(of.answer()).resolves.toBe('answer')
})

test('pauses again when the one that tries fails', async () => {
  const of = makeBreaker()
  await open(of)
  of.clock.now = 1000
  await expect(of.fail()).rejects.toThrow('gone')
  of.clock.now = 1999
  await expect(of.answer()).rejects.toThrow('refused')
  of.clock.now = 2000
  await expect(of.answer()).resolves.toBe('answer')
})

test('does not pause longer for those that had begun before', async () => {
  const of = makeBreaker()
  const { promise, reject } = Promise.withResolvers<string>()
  const early = of.breaker.run(() => promise)
  await open(of)
  of.clock.now = 900
  reject(new Silence('gone as well'))
  await expect(early).rejects.toThrow('gone as well')
  of.clock.now = 1000
  await expect(of.answer()).resolves.toBe('answer')
})

test('closes when it is told that there are answers', async () => {
  const of = makeBreaker()
  await open(of)
  of.breaker.close()
  await expect(of.answer()).resolves.toBe('answer')
})
