import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../../registry/store/access.ts'
import type { MakePlace } from '../store-suite.ts'
import { openNew } from './contents.ts'

const KEPT = { abandonedMs: 60_000, keptMs: 60_000 }
const entry: AuditEntry = {
  who: 'tally-ci',
  credential: 'a1',
  action: 'POST /subjects/votes/versions',
  outcome: 'done',
  address: '127.0.0.1',
  requestId: 'r-1',
  details: { subject: 'votes' },
  count: 1,
}

/** What holds for who may do what, and for what is kept of it. */
export function describeAccess(makePlace: MakePlace): void {
  describe('credentials', () => {
    test('are found by their ids and by the names in certificates, until they are revoked or expire', async () => {
      await using at = await openNew(makePlace)
      const { store } = at
      const token = { id: 'a1', name: 'tally-ci', scopes: ['read', 'publish:tally'], hash: 'ab'.repeat(32), by: 'root' }
      const named = { id: 'b2', name: 'mesh', scopes: ['admin'], certificate: 'cn:mesh', by: 'root' }
      const made = await store.write(({ credentials }) => credentials.create(token))
      expect(made).toEqual({ ...token, createdAt: expect.any(Number), isExpired: false })
      await store.write(({ credentials }) => credentials.create({ ...named, expiresInMs: 60_000 }))
      await store.write(({ credentials }) => credentials.create({ ...named, id: 'c3', expiresInMs: -1 }))
      expect(await store.credentials.byId('a1')).toEqual(made)
      expect(await store.credentials.byId('A1')).toBeUndefined()
      expect((await store.credentials.byCertificate('cn:mesh')).map(({ id }) => id)).toEqual(['b2'])
      expect((await store.credentials.list({ after: 'a1', limit: 9 })).map((one) => [one.id, one.isExpired])).toEqual([
        ['b2', false],
        ['c3', true],
      ])
      expect(await store.credentials.countGood()).toBe(2)
      const revoked = await store.write(({ credentials }) => credentials.revoke('b2'))
      expect(await store.credentials.countGood()).toBe(1)
      expect(revoked?.revokedAt).toBeGreaterThan(0)
      expect(await store.write(({ credentials }) => credentials.revoke('b2'))).toEqual(revoked)
      expect(await store.write(({ credentials }) => credentials.revoke('zz'))).toBeUndefined()
      expect(await store.credentials.byCertificate('cn:mesh')).toEqual([])
      await store.write(({ credentials }) => credentials.touch(['a1', 'zz']))
      expect((await store.credentials.byId('a1'))?.usedAt).toBeGreaterThanOrEqual(made.createdAt)
    })
  })

  describe('the audit', () => {
    test('has rows in the order of the writes, and is neither changed nor shortened', async () => {
      await using at = await openNew(makePlace)
      const { store } = at
      const refused: AuditEntry = { ...entry, who: 'nobody', outcome: 'refused', status: 403, count: 7 }
      await store.write(({ audit }) => audit.append([entry, refused]))
      await store.write(({ audit }) => audit.append([{ ...entry, action: 'DELETE /subjects/votes' }]))
      await expect(
        store.write(async ({ audit }) => {
          await audit.append([entry])
          throw new Error('undone')
        }),
      ).rejects.toThrow('undone')
      const [first, second, third] = await store.audit.list({ limit: 9 })
      expect(first).toEqual({ ...entry, id: 1, at: expect.any(Number) })
      expect(second).toEqual({ ...refused, id: 2, at: first?.at })
      expect(third?.id).toBe(3)
      const ids = async (...asked: Parameters<typeof store.audit.latest>) =>
        (await store.audit.latest(...asked)).map(({ id }) => id)
      expect(await ids({}, { limit: 2 })).toEqual([3, 2])
      expect(await ids({}, { after: 2, limit: 2 })).toEqual([1])
      expect(await ids({ who: 'tally-ci' }, { limit: 9 })).toEqual([3, 1])
      expect(await ids({ outcome: 'refused' }, { limit: 9 })).toEqual([2])
      expect(await ids({ action: 'POST /subjects/' }, { limit: 9 })).toEqual([2, 1])
      expect(await ids({ since: (third?.at ?? 0) + 1 }, { limit: 9 })).toEqual([])
      expect(await ids({ until: (first?.at ?? 0) - 1 }, { limit: 9 })).toEqual([])
    })
  })

  describe('requests that are sent again', () => {
    test('are claimed once, and answered as before', async () => {
      await using at = await openNew(makePlace)
      const request = { identity: 'tally-ci', key: 'k1', fingerprint: 'f1' }
      const claim = (limits = KEPT) => at.store.write(({ answers }) => answers.claim(request, limits))
      expect(await claim()).toBeUndefined()
      expect(await claim()).toEqual({ fingerprint: 'f1' })
      expect(await claim({ ...KEPT, abandonedMs: -1 })).toBeUndefined()
      const answer = { status: 201, headers: { 'content-type': 'application/json' }, body: '{"id":1}' }
      await at.store.write(({ answers }) => answers.keep(request, answer))
      await at.store.write(({ answers }) => answers.release(request))
      expect(await claim({ ...KEPT, abandonedMs: -1 })).toEqual({ fingerprint: 'f1', answer })
      await at.store.write(({ answers }) => answers.forget(-1))
      expect(await claim()).toBeUndefined()
      await at.store.write(({ answers }) => answers.release(request))
      expect(await claim()).toBeUndefined()
    })
  })
}
