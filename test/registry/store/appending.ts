import { describe, expect, test } from 'vitest'
import type { MakePlace } from '../store-suite.ts'
import { appendAll, content, numbers, openNew, recordsOf, texts } from './contents.ts'

/** What those may rely on who append at the same time. */
export function describeAppending(makePlace: MakePlace): void {
  describe('appends that share a write', () => {
    test('count ids and versions from 1, without gaps', async () => {
      await using at = await openNew(makePlace)
      const subjects = numbers(150).map((n) => `subject-${n}`)
      const appended = await Promise.all(
        subjects.map((subject) => at.store.append({ subject, content: content(`"${subject}"`), revision: 0 })),
      )
      expect(appended.map((one) => one?.version)).toEqual(subjects.map(() => 1))
      expect(appended.map((one) => one?.id)).toEqual(numbers(150))
    })

    test('give equal content one id', async () => {
      await using at = await openNew(makePlace)
      const requests = texts(40).map((subject) => ({ subject, content: content('{}'), revision: 0 }))
      const appended = await Promise.all(requests.map((request) => at.store.append(request)))
      expect(appended).toEqual(requests.map(() => ({ id: 1, version: 1 })))
      expect(await at.store.schemas.maxId()).toBe(1)
    })

    test('are carried out for the first of a subject only, since the others know of a revision that is gone', async () => {
      await using at = await openNew(makePlace)
      const requests = texts(10).map((text) => ({ subject: 'votes', content: content(text), revision: 0 }))
      const appended = await Promise.all(requests.map((request) => at.store.append(request)))
      expect(appended).toEqual([{ id: 1, version: 1 }, ...requests.slice(1).map(() => undefined)])
      expect(await at.store.subjects.versions('votes', 'any')).toHaveLength(1)
    })

    test('leave out who is late, and carry out the others', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}'])
      const late = at.store.append({ subject: 'votes', content: content('true'), revision: 0 })
      const good = at.store.append({ subject: 'orders', content: content('true'), revision: 0 })
      expect(await Promise.all([late, good])).toEqual([undefined, { id: 2, version: 1 }])
    })

    test('spoil nothing for the others when one cannot be kept', async () => {
      await using at = await openNew(makePlace)
      const bad = { ...content('false'), text: undefined as unknown as string }
      const broken = at.store.append({ subject: 'bad', content: bad, revision: 0 })
      const good = at.store.append({ subject: 'good', content: content('true'), revision: 0 })
      await expect(broken).rejects.toBeInstanceOf(Error)
      await expect(good).resolves.toEqual({ id: 1, version: 1 })
    })

    test('go between other writes', async () => {
      await using at = await openNew(makePlace)
      const writes = texts(30).map((subject, i) =>
        i % 3 === 0
          ? at.store.write(async ({ subjects }) => (await subjects.state(subject)).revision)
          : at.store.append({ subject, content: content(subject), revision: 0 }),
      )
      const done = await Promise.all(writes)
      expect(done.filter((one) => one === 0)).toHaveLength(10)
      expect(await at.store.schemas.maxId()).toBe(20)
    })

    test('keep references, and bring back what was deleted softly, like any other', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'base', ['{}'])
      const references = [{ name: 'base.json', subject: 'base', version: 1 }]
      await at.store.append({ subject: 'votes', content: content('true', { references }), revision: 0 })
      expect(await at.store.subjects.referrers({ subject: 'base', version: 1 }, 'live')).toEqual([
        { id: 2, subject: 'votes' },
      ])
      await at.store.write(({ subjects }) => subjects.hide('votes', [1]))
      const { revision } = await at.store.subjects.state('votes')
      const back = await at.store.append({ subject: 'votes', content: content('true', { references }), revision })
      expect(back).toEqual({ id: 2, version: 2 })
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([{ version: 2, deleted: false }])
    })

    test('see the same head of a subject as everybody', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}', 'true'])
      await at.store.write(({ subjects }) => subjects.configure('', { mode: 'READWRITE' }))
      const heads = await Promise.all(['votes', 'nobody', 'votes'].map((name) => at.store.subjects.head(name)))
      const state = await at.store.subjects.state('votes')
      const latest = await at.store.subjects.version('votes', 'latest', 'live')
      expect(heads[0]).toEqual({ state, latest })
      expect(heads[2]).toEqual(heads[0])
      expect(heads[1]).toEqual({ state: await at.store.subjects.state('nobody') })
    })

    test('are refused once the store is closed', async () => {
      await using at = await openNew(makePlace)
      await recordsOf(at.store)
      await at.store.close()
      const late = at.store.append({ subject: 'votes', content: content('true'), revision: 0 })
      await expect(late).rejects.toMatchObject({ code: 'store.closed' })
    })
  })
}
