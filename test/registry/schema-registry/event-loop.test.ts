import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listen } from '../../../registry/server.ts'
import { satisfiability } from '../../support/hostile-schemas.ts'
import { allowAll, register, sentSchema, testAgainst } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const ANYWHERE = { host: '127.0.0.1', port: 0 }
const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** How long the event loop was away at most, in milliseconds, of 99 in 100 turns or of all. */
async function delayOf(work: () => Promise<unknown>): Promise<{ readonly p99: number; readonly max: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  await letItBegin(delay)
  await work()
  delay.disable()
  return { p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 }
}

/** Its first turn is not measured. */
async function letItBegin(delay: ReturnType<typeof monitorEventLoopDelay>): Promise<void> {
  while (delay.count < 2) await nextTurn()
  delay.reset()
}

/** Tells an event loop that is free from one that is held; alone on a machine the delays are about a quarter of 100 ms. */
const LONGEST_MS = 250

test.each([
  ['that backtracks without end', '^(a+)+$', '^(a|aa)+b?$'],
  ['of many repeats', '^(x+x+)+y$', '^((x{1,100}){1,100})*z$'],
])('a pattern %s is registered and compared while the event loop stays free', async (_what, older, newer) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'warm', '{"type":"string"}')
  await testAgainst(registry, 'warm', '{"type":"number"}')
  const delay = await delayOf(async () => {
    for (const i of range(20)) {
      await register(registry, `votes-${i}`, { type: 'string', pattern: `${i}${older}` })
      const told = await testAgainst(registry, `votes-${i}`, { type: 'string', pattern: `${i}${newer}` })
      expect(told).toMatchObject({ status: 200, body: { is_compatible: expect.any(Boolean) } })
    }
  })
  expect(delay.max).toBeLessThan(LONGEST_MS)
})

test('a question that nobody can answer in time is answered as such, and others go on meanwhile', async () => {
  await using registry = await temporaryRegistry()
  const { writer } = satisfiability(40, 170, 1)
  await register(registry, 'hard', writer)
  const delay = await delayOf(async () => {
    const [told] = await Promise.all([testAgainst(registry, 'hard', false), register(registry, 'votes', '{}')])
    expect(told.body).toMatchObject({
      is_compatible: false,
      messages: [expect.stringMatching(/^undecided: /), ...range(3).map(() => expect.any(String))],
    })
  })
  expect(delay.p99).toBeLessThan(LONGEST_MS)
})

test('large schemas from several connections hold nobody up', async () => {
  await using registry = await temporaryRegistry()
  const url = await listen(registry.app, ANYWHERE)
  await allowAll(registry)
  await register(registry, 'warm', { enum: range(9000) })
  const bodies = range(24).map((i) => JSON.stringify(sentSchema(large(i))))
  const health: number[] = []
  const done = new AbortController()
  const watching = async () => {
    while (!done.signal.aborted) {
      const asked = performance.now()
      await (await fetch(`${url}/health`)).text()
      health.push(performance.now() - asked)
    }
  }
  const delay = await delayOf(async () => {
    const watch = watching()
    const answers = await Promise.all(range(4).map((i) => postAll(url, bodies.slice(6 * i, 6 * i + 6))))
    done.abort()
    await watch
    expect(new Set(answers.flat())).toEqual(new Set([200]))
  })
  expect(delay.p99).toBeLessThan(LONGEST_MS)
  expect(health.length).toBeGreaterThan(5)
  expect(Math.max(...health)).toBeLessThan(1500)
}, 60_000)

/** Almost two million bytes in some thousand parts. */
function large(i: number): object {
  return {
    title: `${i}`,
    properties: Object.fromEntries(
      range(1900).map((j) => [`field-${j}`, { type: 'string', description: `${i}`.padEnd(900, 'long ') }]),
    ),
  }
}

/** Registers one after the other, as one connection does. */
async function postAll(url: string, bodies: readonly string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const body of bodies) {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/subjects/large/versions`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  return statuses
}
