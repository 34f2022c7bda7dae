import { describe, expect, test } from 'vitest'
import type { MakePlace } from '../store-suite.ts'
import { openNew } from './contents.ts'
import { run } from './services.ts'

/** What holds for what runs where, and for verdicts. */
export function describeEnvironments(makePlace: MakePlace): void {
  describe('environments', () => {
    test('are made, changed and listed by name', async () => {
      await using at = await openNew(makePlace)
      const entry = { name: 'test', production: false, policy: 'as-declared' } as const
      await at.store.write(({ environments }) => environments.putEnvironment({ ...entry, name: 'b' }))
      await at.store.write(({ environments }) => environments.putEnvironment(entry))
      await at.store.write(({ environments }) => environments.putEnvironment({ ...entry, policy: 'strict' }))
      expect(await at.store.environments.environment('test')).toEqual({ ...entry, policy: 'strict' })
      expect(await at.store.environments.environment('prod')).toBeUndefined()
      const names = (await at.store.environments.list({ limit: 9 })).map(({ name }) => name)
      expect(names).toEqual(['b', 'test'])
    })

    test('have one deployment in a slot, and one release of a version', async () => {
      await using at = await openNew(makePlace)
      const tally = { service: 'tally', version: '1' }
      await run(at.store, 'test', tally)
      await run(at.store, 'test', tally, 'eu')
      await expect(run(at.store, 'test', { ...tally, version: '2' })).rejects.toThrow(/unique/i)
      await at.store.write(({ environments }) => environments.release('test', tally))
      await expect(at.store.write(({ environments }) => environments.release('test', tally))).rejects.toThrow(/unique/i)
      const kinds = (await at.store.environments.current('test', 'tally')).map(({ kind, instance }) => [kind, instance])
      expect(kinds).toEqual([
        ['deployment', undefined],
        ['deployment', 'eu'],
        ['release', undefined],
      ])
      expect(await at.store.environments.current('test', 'vote-api')).toEqual([])
      expect(await at.store.environments.currentOf('tally')).toHaveLength(3)
    })

    test('forget nothing that has ended', async () => {
      await using at = await openNew(makePlace)
      const tally = { service: 'tally', version: '1' }
      const first = await run(at.store, 'test', tally)
      const [ended] = await at.store.write(({ environments }) => environments.end([first.id]))
      expect(ended).toEqual({ ...first, ended: 2, endedAt: expect.any(Number) })
      expect(await at.store.write(({ environments }) => environments.end([first.id]))).toEqual([])
      const second = await run(at.store, 'test', { ...tally, version: '2' })
      expect(await at.store.environments.history('test', { limit: 9 })).toEqual([second, ended])
      expect(await at.store.environments.history('test', { after: second.id, limit: 9 }, 'tally')).toEqual([ended])
      expect(await at.store.environments.history('test', { limit: 9 }, 'other')).toEqual([])
      expect(await at.store.environments.current('test')).toEqual([second])
    })
  })

  describe('reservations', () => {
    test('are open until they are closed, also when they have expired', async () => {
      await using at = await openNew(makePlace)
      const tally = { service: 'tally', version: '1', environment: 'test' }
      const { long, short } = await at.store.write(async ({ environments }) => ({
        long: await environments.reserve({ ...tally, by: 'ci', expiresInMs: 3_600_000 }),
        short: await environments.reserve({ ...tally, instance: 'eu', expiresInMs: -1 }),
      }))
      expect(long).toMatchObject({ ...tally, by: 'ci', isExpired: false })
      expect(long.expiresAt - long.startedAt).toBeGreaterThan(3_500_000)
      expect(short).toMatchObject({ ...tally, instance: 'eu', isExpired: true })
      expect(await at.store.environments.reservations('test')).toEqual([long, short])
      const extended = await at.store.write(({ environments }) => environments.extend(short.id, 3_600_000))
      expect(extended).toMatchObject({ id: short.id, isExpired: false })
      const close = () => at.store.write(({ environments }) => environments.close([long.id], 'recorded'))
      expect(await close()).toMatchObject([{ id: long.id, outcome: 'recorded', closed: expect.any(Number) }])
      expect(await close()).toEqual([])
      expect(await at.store.environments.reservations('test')).toMatchObject([{ id: short.id }])
    })
  })

  describe('overrides', () => {
    test('hold for a service in an environment until they expire or end', async () => {
      await using at = await openNew(makePlace)
      const scope = { service: 'tally', environment: 'test', reason: 'we know', by: 'kim' }
      const [one, two] = await at.store.write(async ({ environments }) => [
        await environments.override({ ...scope, version: '1', expiresInMs: 3_600_000 }),
        await environments.override({ ...scope, channel: 'stream:votes', expiresInMs: 3_600_000 }),
        await environments.override({ ...scope, version: '2', expiresInMs: -1 }),
        await environments.override({ ...scope, version: '1', environment: 'production', expiresInMs: 3_600_000 }),
      ])
      const holding = () => at.store.environments.overrides('test', 'tally')
      expect(await holding()).toEqual([one, two])
      const ended = await at.store.write(({ environments }) => environments.endOverride(one?.id ?? 0))
      expect(ended).toMatchObject({ ...scope, version: '1', endedAt: expect.any(Number) })
      expect(await at.store.write(({ environments }) => environments.endOverride(one?.id ?? 0))).toBeUndefined()
      expect(await holding()).toEqual([two])
      expect(await at.store.environments.allOverrides({ limit: 9 })).toHaveLength(4)
    })
  })

  describe('verdicts', () => {
    test('are kept as they were found first', async () => {
      await using at = await openNew(makePlace)
      const keys = Array.from({ length: 130 }, (_, i) => `key ${i}`)
      const keep = (verdict: string) =>
        at.store.write(({ verdicts }) => verdicts.keep(keys.map((key) => ({ key, verdict }))))
      expect(await at.store.verdicts.find(keys)).toEqual([])
      await keep('first')
      await keep('second')
      const found = await at.store.verdicts.find([...keys, 'unknown'])
      expect(found).toHaveLength(130)
      expect(new Set(found.map(({ verdict }) => verdict))).toEqual(new Set(['first']))
    })
  })
}
