import { expect, inject, test } from 'vitest'
import { deadKey, fieldsOf } from '../../streams/index.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { fc } from '../support/property.ts'
import { entriesOf, pendingOf, redisAt, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { tally, type Vote, votes } from './tally.ts'

type Kind = 'good' | 'broken' | 'poison' | 'shaky'

/** A message and what goes wrong once it is there. */
const step = fc.record({
  kind: fc.constantFrom<Kind>('good', 'good', 'good', 'broken', 'poison', 'shaky'),
  fault: fc.constantFrom('none', 'none', 'swallow', 'drop', 'cut'),
  /** How many answers to wait for before the next message. */
  lull: fc.integer({ min: 0, max: 20 }),
})
const plan = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
  concurrency: fc.integer({ min: 1, max: 3 }),
  isKeyed: fc.boolean(),
})

const OPTIONS = {
  retry: { maxAttempts: 2, minMs: 1, maxMs: 5 },
  breaker: false,
  heartbeatMs: 30,
  reclaimMs: 100,
} as const

test('every entry is handled at least once or parked exactly once, and none stays pending', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ steps, concurrency, isKeyed }) => {
      await using proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
      const [redis, broken, contract] = [sharedRedis(), redisAt(proxy.url), votes()]
      broken.on('error', () => undefined)
      const handled = new Map<string, number>()
      const tried = new Set<string>()
      const handle = async ({ option }: Vote, { id }: { id: string }) => {
        await Promise.resolve()
        const isFirst = !tried.has(id)
        tried.add(id)
        if (option === 'poison' || (option === 'shaky' && isFirst)) throw new Error(option)
        handled.set(id, (handled.get(id) ?? 0) + 1)
      }
      const keyOf = isKeyed ? { keyOf: ({ timestamp }: Vote) => String(timestamp % 3) } : {}
      const options = { ...OPTIONS, handle, concurrency, ...keyOf }
      await using first = tally(broken, contract, { ...options, consumer: 'first' })
      await using second = tally(broken, contract, { ...options, consumer: 'second' })
      const act = {
        none: () => undefined,
        swallow: () => proxy.swallowNext(),
        drop: () => proxy.dropNext(),
        cut: () => proxy.cut(),
      }
      const written = new Map<string, Kind>()
      for (const [i, { kind, fault, lull }] of steps.entries()) {
        const timestamp = kind === 'broken' ? 'x' : String(i)
        written.set((await redis.xadd(contract.stream, '*', 'option', kind, 'timestamp', timestamp)) ?? '', kind)
        act[fault]()
        for (let answers = 0; answers < lull; answers++) await redis.ping()
      }
      const letters = async () =>
        (await entriesOf(redis, deadKey(contract.stream, 'tally'))).map(([, fields]) => fieldsOf(fields)._dead_id ?? '')
      await waitFor(
        'an end of every entry',
        async () => {
          const ended = new Set([...handled.keys(), ...(await letters())])
          return ended.size === written.size && (await pendingOf(redis, contract.stream, 'tally')) === 0
        },
        15_000,
      )
      const parked = await letters()
      expect(new Set(parked).size).toBe(parked.length)
      const shouldBeParked = [...written].flatMap(([id, kind]) => (kind === 'broken' || kind === 'poison' ? [id] : []))
      expect(shouldBeParked.filter((id) => !parked.includes(id) || handled.has(id))).toEqual([])
      expect([first.running.state, second.running.state]).toEqual(['running', 'running'])
      redis.disconnect()
      broken.disconnect()
    }),
    { numRuns: Number(process.env.RUNS ?? 8), endOnFailure: true },
  )
})
