import { describe, expect, test } from 'vitest'
import type { MakePlace } from '../store-suite.ts'
import { append, appendAll, appendOnce, content, numbers, openNew, recordsOf, texts } from './contents.ts'

/** What holds while others read and write, fail and end. */
export function describeSharing(makePlace: MakePlace): void {
  describe('writes side by side', () => {
    test('undo all of one that throws, and nothing of those beside it', async () => {
      await using at = await openNew(makePlace)
      const broken = at.store.write(async (tx) => {
        await append(tx, 'broken', '{"title":"broken"}')
        throw new Error('changed my mind')
      })
      const good = at.store.write((tx) => append(tx, 'good', '{}'))
      await expect(broken).rejects.toThrow('changed my mind')
      await expect(good).resolves.toEqual({ id: 1, version: 1 })
      expect(await at.store.subjects.all({ limit: 9 })).toEqual([{ name: 'good', lastVersion: 1 }])
    })

    test('may run again when others fail, and yet happen once', async () => {
      await using at = await openNew(makePlace)
      const writes = texts(30).map((text, i) =>
        at.store.write(async (tx) => {
          const appended = await append(tx, 'votes', text)
          if (i % 10 === 9) throw new Error(`changed my mind about ${i}`)
          return appended
        }),
      )
      const ends = await Promise.allSettled(writes)
      const kept = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
      expect(kept).toEqual(numbers(27).map((n) => ({ id: n, version: n })))
      expect(await at.store.subjects.versions('votes', 'any')).toHaveLength(27)
    })

    test('undo one whose statement fails, even if it goes on', async () => {
      await using at = await openNew(makePlace)
      const version = { subject: 'votes', version: 1, id: 1, deleted: false }
      const broken = at.store.write(async (tx) => {
        await append(tx, 'votes', '{}')
        await tx.restore({ kind: 'version', version })
      })
      const good = at.store.write((tx) => append(tx, 'votes', '{}'))
      await expect(broken).rejects.toThrow(/unique/i)
      await expect(good).resolves.toEqual({ id: 1, version: 1 })
    })

    test('see the writes before them and their own changes, and nobody else sees those before their end', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'before', ['{}'])
      const [own, others] = await at.store.write(async (tx) => {
        await append(tx, 'votes', '{}')
        const names = [tx.subjects, at.store.subjects].map((subjects) =>
          subjects.names({ prefix: '', which: 'any' }, { limit: 9 }),
        )
        return Promise.all(names)
      })
      expect(own).toEqual(['before', 'votes'])
      expect(others).toEqual(['before'])
      expect(await at.store.subjects.names({ prefix: '', which: 'any' }, { limit: 9 })).toEqual(['before', 'votes'])
    })

    test('make one id and one version of what several processes register at once', async () => {
      await using at = await openNew(makePlace)
      await using other = await at.place.open()
      const schema = content('{}')
      const registered = await Promise.all(
        numbers(50).map((n) => (n % 2 ? at.store : other).write((tx) => appendOnce(tx, 'votes', schema))),
      )
      expect(registered).toEqual(numbers(50).map(() => ({ id: 1, version: 1 })))
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([{ version: 1, deleted: false }])
      expect(await other.subjects.versions('votes', 'any')).toEqual([{ version: 1, deleted: false }])
    })

    test('run as if alone: nothing that they have read changes before their end', async () => {
      await using at = await openNew(makePlace)
      await using other = await at.place.open()
      const writes = texts(40).map((text, i) =>
        (i % 2 ? at.store : other).write(async (tx) => {
          const read = await tx.subjects.state('votes')
          return { read: read.lastVersion + 1, written: (await append(tx, 'votes', text)).version }
        }),
      )
      const written = (await Promise.all(writes)).toSorted((a, b) => a.written - b.written)
      expect(written).toEqual(numbers(40).map((n) => ({ read: n, written: n })))
    })

    test('are there for all who have it open, as soon as they are acknowledged', async () => {
      await using at = await openNew(makePlace)
      await using other = await at.place.open()
      const seen = await Promise.all(
        texts(20).map(async (text, i) => {
          const { id } = await at.store.write((tx) => append(tx, `votes ${i}`, text))
          return (await other.schemas.byId(id))?.text
        }),
      )
      expect(seen).toEqual(texts(20))
    })
  })

  describe('a snapshot', () => {
    test('shows everything as of one moment, whatever is written meanwhile', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', texts(3))
      const [before, meanwhile, after] = await at.store.snapshot(async (reads) => {
        const first = await recordsOf(reads)
        await at.store.write(({ subjects }) => subjects.remove('votes', [1]))
        await appendAll(at.store, 'other', ['true'])
        return [first, await recordsOf(reads), await recordsOf(at.store)]
      })
      expect(meanwhile).toEqual(before)
      expect(after).toEqual(await recordsOf(at.store))
      expect(after).not.toEqual(before)
    })

    test('ends with the error of its work', async () => {
      await using at = await openNew(makePlace)
      const broken = at.store.snapshot(async () => {
        throw new Error('changed my mind')
      })
      await expect(broken).rejects.toThrow('changed my mind')
      await expect(at.store.check()).resolves.toBeUndefined()
    })
  })

  describe('opening and closing', () => {
    test('may be done by several at once while it is new', async () => {
      await using place = await makePlace({ isNew: true })
      const stores = await Promise.all(numbers(5).map(() => place.open()))
      await Promise.all(stores.map((store) => store.check()))
      await expect(Promise.all(stores.map((store) => store.close()))).resolves.toHaveLength(5)
    })

    test('keeps everything', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}'])
      const before = await recordsOf(at.store)
      await at.store.close()
      await using again = await at.place.open()
      expect(await recordsOf(again)).toEqual(before)
    })

    test('lets the writes under way end, and refuses what comes later', async () => {
      await using at = await openNew(makePlace)
      const { store } = at
      const underWay = store.write((tx) => append(tx, 'votes', '{}'))
      await store.close()
      await expect(underWay).resolves.toEqual({ id: 1, version: 1 })
      const closed = { code: 'store.closed' }
      await expect(store.write((tx) => tx.schemas.maxId())).rejects.toMatchObject(closed)
      await expect((async () => store.schemas.maxId())()).rejects.toMatchObject(closed)
      await expect((async () => store.subjects.state('votes'))()).rejects.toMatchObject(closed)
      await expect(store.snapshot(({ schemas }) => schemas.maxId())).rejects.toMatchObject(closed)
      await expect(store.check()).rejects.toMatchObject(closed)
      await expect(store.close()).resolves.toBeUndefined()
    })
  })
}
