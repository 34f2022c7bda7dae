import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../../registry/store/store.ts'
import type { MakePlace } from '../store-suite.ts'
import { appendAll, content, openNew } from './contents.ts'

const guid = '00000000-0000-4000-8000-000000000001'
const toVotes = [{ name: 'votes.json', subject: 'votes', version: 1 }]

/** Finding what is there: these tests share one store and only read it. */
export function describeReading(makePlace: MakePlace): void {
  describe('reading', () => {
    let store: Store
    const resources = new AsyncDisposableStack()
    beforeAll(async () => {
      store = resources.use(await openNew(makePlace)).store
      await fill(store)
    })
    afterAll(() => resources.disposeAsync())

    test('answers with nothing for what is not there', async () => {
      expect(await store.schemas.byId(99)).toBeUndefined()
      expect(await store.schemas.byGuid('unheard of')).toBeUndefined()
      expect(await store.schemas.uses(99, 'any')).toEqual([])
      expect(await store.subjects.version('unheard of', 1, 'any')).toBeUndefined()
      expect(await store.subjects.version('unheard of', 'latest', 'any')).toBeUndefined()
      expect(await store.subjects.version('votes', 99, 'any')).toBeUndefined()
      expect(await store.subjects.find('unheard of', content('{}').identity, 'any')).toBeUndefined()
      expect(await store.subjects.versions('unheard of', 'any')).toEqual([])
      expect(await store.subjects.history('unheard of', { limit: 9 })).toEqual([])
      expect(await store.subjects.referrers({ subject: 'votes', version: 99 }, 'any')).toEqual([])
      const { revision: _, ...state } = await store.subjects.state('unheard of')
      expect(state).toEqual({ lastVersion: 0, own: {}, global: { mode: 'READWRITE' } })
    })

    test('finds schemas by id, by guid and in pages', async () => {
      expect(await store.schemas.byId(1)).toMatchObject({ id: 1, guid, text: '{}' })
      expect(await store.schemas.byGuid(guid)).toMatchObject({ id: 1, text: '{}' })
      expect(await store.schemas.maxId()).toBe(3)
      const [first, ...others] = await store.schemas.list({ limit: 2 })
      expect(first).toEqual({ ...content('{}', { guid }), id: 1 })
      expect(others).toMatchObject([{ id: 2, text: 'true' }])
      expect(await store.schemas.list({ after: 2, limit: 2 })).toMatchObject([{ id: 3, references: toVotes }])
    })

    test.each([
      ['live', 3, undefined, 3, [1, 3]],
      ['deleted', undefined, 2, 2, [2]],
      ['any', 3, 2, 3, [1, 2, 3]],
    ] as const)('finds versions that are %s', async (which, third, second, latest, all) => {
      expect((await store.subjects.version('votes', 3, which))?.version).toBe(third)
      expect((await store.subjects.version('votes', 2, which))?.version).toBe(second)
      expect((await store.subjects.version('votes', 'latest', which))?.version).toBe(latest)
      expect((await store.subjects.versions('votes', which)).map(({ version }) => version)).toEqual(all)
    })

    test('tells of each version whether it is deleted', async () => {
      expect(await store.subjects.versions('votes', 'any')).toEqual([
        { version: 1, deleted: false },
        { version: 2, deleted: true },
        { version: 3, deleted: false },
      ])
      expect(await store.subjects.version('votes', 2, 'any')).toMatchObject({ deleted: true })
    })

    test.each([
      ['{}', 'live', 1],
      ['{}', 'deleted', undefined],
      ['true', 'live', undefined],
      ['true', 'deleted', 2],
      ['true', 'any', 2],
    ] as const)('finds the version with the content %s among those that are %s', async (text, which, version) => {
      expect((await store.subjects.find('votes', content(text).identity, which))?.version).toBe(version)
    })

    test('finds the latest of several versions with the same content', async () => {
      expect(await store.subjects.find('twice', content('true').identity, 'any')).toMatchObject({ version: 2 })
    })

    test('tells the history of a subject from its latest live version backwards, in pages', async () => {
      expect(await store.subjects.history('votes', { limit: 1 })).toMatchObject([{ version: 3, id: 3 }])
      expect(await store.subjects.history('votes', { after: 3, limit: 9 })).toMatchObject([{ version: 1, text: '{}' }])
      expect(await store.subjects.history('votes', { after: 1, limit: 9 })).toEqual([])
    })

    test.each([
      ['live', ['B', 'a', 'a%', 'a\\b', 'a_c', 'aac', 'b', 'twice', 'votes', 'ä', '🎉']],
      ['deleted', ['gone']],
      ['any', ['B', 'a', 'a%', 'a\\b', 'a_c', 'aac', 'b', 'gone', 'twice', 'votes', 'ä', '🎉']],
    ] as const)('lists the names that are %s in the order of their bytes', async (which, names) => {
      expect(await store.subjects.names({ prefix: '', which }, { limit: 99 })).toEqual(names)
    })

    test.each([
      ['a', ['a', 'a%', 'a\\b', 'a_c', 'aac']],
      ['a%', ['a%']],
      ['a_', ['a_c']],
      ['a\\', ['a\\b']],
      ['ä', ['ä']],
      ['🎉', ['🎉']],
      ['nothing', []],
    ])('takes the prefix %s for what it is', async (prefix, names) => {
      const filter = { prefix, which: 'live', latestOnly: false } as const
      expect(await store.subjects.names(filter, { limit: 99 })).toEqual(names)
      expect((await store.subjects.entries(filter, { limit: 99 })).map(({ subject }) => subject)).toEqual(names)
    })

    test('lists names in pages, which need not begin after a name that is there', async () => {
      const filter = { prefix: 'a', which: 'live' } as const
      expect(await store.subjects.names(filter, { limit: 2 })).toEqual(['a', 'a%'])
      expect(await store.subjects.names(filter, { after: 'a%', limit: 2 })).toEqual(['a\\b', 'a_c'])
      expect(await store.subjects.names(filter, { after: 'aa', limit: 2 })).toEqual(['aac'])
    })

    test.each([
      ['live', false, [1, 3]],
      ['live', true, [3]],
      ['deleted', false, [2]],
      ['deleted', true, [2]],
      ['any', false, [1, 2, 3]],
      ['any', true, [3]],
    ] as const)('lists versions that are %s, with only the latest: %s', async (which, latestOnly, versions) => {
      const entries = await store.subjects.entries({ prefix: 'votes', which, latestOnly }, { limit: 9 })
      expect(entries.map(({ version }) => version)).toEqual(versions)
    })

    test('lists versions of all subjects in pages', async () => {
      const filter = { prefix: '', which: 'any', latestOnly: false } as const
      expect(await store.subjects.entries(filter, { after: { subject: 'votes', version: 1 }, limit: 3 })).toEqual([
        { subject: 'votes', version: 2, id: 2, deleted: true },
        { subject: 'votes', version: 3, id: 3, deleted: false },
        { subject: 'ä', version: 1, id: 1, deleted: false },
      ])
    })

    test('lists all that has settings or versions in pages, the global settings first', async () => {
      expect(await store.subjects.all({ limit: 2 })).toEqual([
        { name: '', lastVersion: 0, mode: 'READWRITE' },
        { name: 'B', lastVersion: 1 },
      ])
      expect(await store.subjects.all({ after: '', limit: 1 })).toEqual([{ name: 'B', lastVersion: 1 }])
      expect(await store.subjects.all({ after: 'b', limit: 2 })).toEqual([
        { name: 'gone', lastVersion: 1 },
        { name: 'set', lastVersion: 0, config: { compatibilityLevel: 'FULL' } },
      ])
    })

    test.each([
      ['live', [{ id: 3, subject: 'votes' }]],
      ['deleted', [{ id: 3, subject: 'gone' }]],
      [
        'any',
        [
          { id: 3, subject: 'gone' },
          { id: 3, subject: 'votes' },
        ],
      ],
    ] as const)('tells who refers to a version, among those that are %s', async (which, referrers) => {
      expect(await store.subjects.referrers({ subject: 'votes', version: 1 }, which)).toEqual(referrers)
    })

    test('tells which versions a schema is', async () => {
      expect(await store.schemas.uses(3, 'live')).toEqual([{ subject: 'votes', version: 3 }])
      expect(await store.schemas.uses(3, 'deleted')).toEqual([{ subject: 'gone', version: 1 }])
      expect(await store.schemas.uses(3, 'any')).toEqual([
        { subject: 'gone', version: 1 },
        { subject: 'votes', version: 3 },
      ])
    })

    test('finds nothing under names that no subject can have', async () => {
      expect(await store.subjects.names({ prefix: 'a\0', which: 'any' }, { limit: 9 })).toEqual([])
      expect(await store.subjects.versions('votes\0', 'any')).toEqual([])
      expect(await store.schemas.byGuid('\0')).toBeUndefined()
    })
  })
}

/** Ids: 1 is {}, 2 is true, 3 refers to the first version of votes. */
async function fill(store: Store): Promise<void> {
  const referring = content('{"$ref":"votes.json"}', { references: toVotes })
  await appendAll(store, 'votes', [content('{}', { guid }), 'true', referring])
  await appendAll(store, 'gone', [referring])
  await appendAll(store, 'twice', ['true', 'true'])
  for (const subject of ['b', 'ä', 'a_c', 'B', 'a', 'aac', 'a%', '🎉', 'a\\b']) await appendAll(store, subject, ['{}'])
  await store.write(({ subjects }) => subjects.hide('votes', [2]))
  await store.write(({ subjects }) => subjects.hide('gone', [1]))
  await store.write(({ subjects }) => subjects.configure('', { mode: 'READWRITE' }))
  await store.write(({ subjects }) => subjects.configure('set', { config: { compatibilityLevel: 'FULL' } }))
}
