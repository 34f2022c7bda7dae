import { describe, expect, test } from 'vitest'
import type { SchemaContent, Store, Transaction } from '../../registry/store/store.ts'
import { readContent } from '../../registry/subjects/content.ts'
import type { Temporary } from './temporary.ts'

/** A place that keeps data, which any number of stores may have open. */
export type StorePlace = { open(): Promise<Store> }

/** The law of `Store`, for each of its forms. */
export function describeStore(form: string, makePlace: () => Promise<Temporary<StorePlace>>): void {
  describe(`a store in ${form}`, () => {
    test('keeps a schema whole and gives it back by its id', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const { identity, ...rest } = content('{"title":"ü 🎉"}')
      const id = await store.write(({ schemas }) => schemas.keep({ identity, ...rest }))
      expect(await store.schemas.byId(id)).toEqual({ id, ...rest })
      expect(await store.schemas.idOf(identity)).toBe(id)
    })

    test('keeps references, metadata and the rule set', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const parts = {
        references: [{ name: 'a.json', subject: 'a', version: 1 }],
        metadata: { properties: { owner: 'tally' } },
        ruleSet: { domainRules: [] },
      }
      const id = await store.write(({ schemas }) => schemas.keep({ ...content('{}'), ...parts }))
      expect(await store.schemas.byId(id)).toMatchObject(parts)
    })

    test('counts ids and versions from 1, without gaps', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const registered = await Promise.all(
        texts(5).map((text) => store.write((transaction) => register(transaction, 'votes', text))),
      )
      expect(new Set(registered.map(({ id }) => id))).toEqual(new Set([1, 2, 3, 4, 5]))
      expect(new Set(registered.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4, 5]))
    })

    test('gives equal content the id that it has', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const ids = await Promise.all(
        Array.from({ length: 50 }, () => store.write(({ schemas }) => schemas.keep(content('{}')))),
      )
      expect(new Set(ids)).toEqual(new Set([1]))
    })

    test('finds versions by number, by schema and as the latest', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const [first, second] = ['{}', 'true']
      await store.write((transaction) => register(transaction, 'votes', first))
      const { id } = await store.write((transaction) => register(transaction, 'votes', second))
      expect(await store.schemas.version('votes', 1)).toMatchObject({
        subject: 'votes',
        version: 1,
        id: 1,
        text: first,
      })
      expect(await store.schemas.version('votes', 'latest')).toMatchObject({ version: 2, id, text: second })
      expect(await store.schemas.versionOf('votes', id)).toBe(2)
      expect(await store.schemas.versions('votes')).toEqual([1, 2])
    })

    test('answers with nothing for what is not there', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      expect(await store.schemas.byId(1)).toBeUndefined()
      expect(await store.schemas.idOf('unheard of')).toBeUndefined()
      expect(await store.schemas.version('votes', 1)).toBeUndefined()
      expect(await store.schemas.version('votes', 'latest')).toBeUndefined()
      expect(await store.schemas.versionOf('votes', 1)).toBeUndefined()
      expect(await store.schemas.versions('votes')).toEqual([])
      expect(await store.schemas.subjects()).toEqual([])
    })

    test('lists subjects in the order of their bytes', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      for (const subject of ['b', 'ä', 'B', 'a'])
        await store.write((transaction) => register(transaction, subject, '{}'))
      expect(await store.schemas.subjects()).toEqual(['B', 'a', 'b', 'ä'])
    })

    test('undoes all of a write that throws, and nothing of the writes beside it', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const broken = store.write(async (transaction) => {
        await register(transaction, 'broken', '{"title":"broken"}')
        throw new Error('changed my mind')
      })
      const good = store.write((transaction) => register(transaction, 'good', '{}'))
      await expect(broken).rejects.toThrow('changed my mind')
      await expect(good).resolves.toEqual({ id: 1, version: 1 })
      expect(await store.schemas.subjects()).toEqual(['good'])
    })

    test('shows nothing of a write before its end', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const seen = await store.write(async (transaction) => {
        await register(transaction, 'votes', '{}')
        return store.schemas.subjects()
      })
      expect(seen).toEqual([])
    })

    test('is there for all who have it open, and makes one id and one version of what they all register', async () => {
      await using place = await makePlace()
      await using one = await place.open()
      await using other = await place.open()
      const registered = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 2 ? one : other).write((tx) => registerOnce(tx, 'votes', '{}'))),
      )
      expect(new Set(registered.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"id":1,"version":1}']))
      expect(await one.schemas.versions('votes')).toEqual([1])
      expect(await other.schemas.versions('votes')).toEqual([1])
    })

    test('makes contiguous versions of what several write at once', async () => {
      await using place = await makePlace()
      await using one = await place.open()
      await using other = await place.open()
      await Promise.all(texts(40).map((text, i) => (i % 2 ? one : other).write((tx) => register(tx, 'votes', text))))
      expect(await one.schemas.versions('votes')).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
    })

    test('may be opened by several at once while it is new', async () => {
      await using place = await makePlace()
      const stores = await Promise.all(Array.from({ length: 5 }, () => place.open()))
      await Promise.all(stores.map((store) => store.check()))
      await expect(Promise.all(stores.map((store) => store.close()))).resolves.toHaveLength(5)
    })

    test('has everything when it is opened again', async () => {
      await using place = await makePlace()
      await using before = await place.open()
      await before.write((transaction) => register(transaction, 'votes', '{}'))
      await before.close()
      await using after = await place.open()
      expect(await after.schemas.version('votes', 1)).toMatchObject({ id: 1, text: '{}' })
    })

    test('lets the writes under way end when it closes, and refuses what comes later', async () => {
      await using place = await makePlace()
      await using store = await place.open()
      const underWay = store.write((transaction) => register(transaction, 'votes', '{}'))
      await store.close()
      await expect(underWay).resolves.toEqual({ id: 1, version: 1 })
      await expect(store.write(({ schemas }) => schemas.subjects())).rejects.toMatchObject({ code: 'store.closed' })
      await expect(store.check()).rejects.toMatchObject({ code: 'store.closed' })
      await expect(store.close()).resolves.toBeUndefined()
    })
  })
}

function content(text: string): SchemaContent {
  return readContent({ schema: text, schemaType: 'JSON' }, false)
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => JSON.stringify({ title: `schema ${i}` }))
}

async function register({ schemas }: Transaction, subject: string, text: string) {
  const id = await schemas.keep(content(text))
  return { id, version: await schemas.append(subject, id) }
}

async function registerOnce(transaction: Transaction, subject: string, text: string) {
  const { schemas } = transaction
  const id = await schemas.idOf(content(text).identity)
  const version = await schemas.versionOf(subject, id ?? 0)
  return version === undefined ? register(transaction, subject, text) : { id, version }
}
