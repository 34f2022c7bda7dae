import { describe, expect, test } from 'vitest'
import type { Transaction } from '../../../registry/store/store.ts'
import type { MakePlace } from '../store-suite.ts'
import { append, appendAll, content, numbers, openNew, recordsOf, texts } from './contents.ts'

/** What a single writer may rely on. */
export function describeWriting(makePlace: MakePlace): void {
  describe('appending', () => {
    test('keeps a schema whole and gives it back by its id and as a version', async () => {
      await using at = await openNew(makePlace)
      const { identity, ...rest } = content('{"title":"ü 🎉 \\u0000"}', {
        references: [{ name: 'a.json', subject: 'a', version: 1 }],
        metadata: { properties: { owner: 'tally' } },
        ruleSet: { domainRules: [] },
      })
      const { id } = await at.store.write((tx) => append(tx, 'votes', { identity, ...rest }))
      expect(await at.store.schemas.byId(id)).toEqual({ id, ...rest })
      expect(await at.store.subjects.version('votes', 1, 'live')).toEqual({
        id,
        ...rest,
        subject: 'votes',
        version: 1,
        deleted: false,
      })
    })

    test('counts ids and versions from 1, without gaps, in the order of the writes', async () => {
      await using at = await openNew(makePlace)
      const writes = texts(70).map((text) => at.store.write((tx) => append(tx, 'votes', text)))
      expect(await Promise.all(writes)).toEqual(numbers(70).map((n) => ({ id: n, version: n })))
      expect(await at.store.schemas.maxId()).toBe(70)
    })

    test('gives equal content the id that it has, in whatever subject', async () => {
      await using at = await openNew(makePlace)
      const subjects = texts(50)
      const writes = subjects.map((subject) => at.store.write((tx) => append(tx, subject, '{}')))
      expect(await Promise.all(writes)).toEqual(subjects.map(() => ({ id: 1, version: 1 })))
      expect(await at.store.write((tx) => append(tx, 'other', 'true'))).toEqual({ id: 2, version: 1 })
    })

    test('changes nothing when the subject has changed since', async () => {
      await using at = await openNew(makePlace)
      const { revision } = await at.store.subjects.state('votes')
      await appendAll(at.store, 'votes', ['{}'])
      const before = await recordsOf(at.store)
      const late = await at.store.write(({ subjects }) => subjects.append('votes', content('true'), revision))
      expect(late).toBeUndefined()
      expect(await recordsOf(at.store)).toEqual(before)
      expect(await at.store.write((tx) => append(tx, 'votes', 'true'))).toEqual({ id: 2, version: 2 })
    })

    test('takes a change of the settings, its own or the global ones, for a change of the subject', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}'])
      for (const changed of ['votes', '']) {
        const { revision } = await at.store.subjects.state('votes')
        await at.store.write(({ subjects }) => subjects.configure(changed, { mode: 'READONLY' }))
        const late = at.store.write(({ subjects }) => subjects.append('votes', content('true'), revision))
        await expect(late).resolves.toBeUndefined()
      }
    })

    test('does not mind changes of other subjects', async () => {
      await using at = await openNew(makePlace)
      const { revision } = await at.store.subjects.state('votes')
      await appendAll(at.store, 'other', ['{}'])
      const appended = at.store.write(({ subjects }) => subjects.append('votes', content('true'), revision))
      await expect(appended).resolves.toEqual({ id: 2, version: 1 })
    })

    test('makes a schema that comes back a new version with its old id, and forgets the hidden one', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}', 'true'])
      await at.store.write(({ subjects }) => subjects.hide('votes', [1]))
      expect(await at.store.write((tx) => append(tx, 'votes', '{}'))).toEqual({ id: 1, version: 3 })
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([
        { version: 2, deleted: false },
        { version: 3, deleted: false },
      ])
    })

    test('does not forget a hidden version to which somebody refers', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}'])
      const references = [{ name: 'votes.json', subject: 'votes', version: 1 }]
      await appendAll(at.store, 'tallies', [content('{"$ref":"votes.json"}', { references })])
      await at.store.write(({ subjects }) => subjects.hide('votes', [1]))
      await appendAll(at.store, 'votes', ['{}'])
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([
        { version: 1, deleted: true },
        { version: 2, deleted: false },
      ])
    })

    test('forgets no hidden version of another schema, nor of another subject', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}', 'true'])
      await appendAll(at.store, 'other', ['{}'])
      await at.store.write(({ subjects }) => subjects.hide('votes', [2]))
      await at.store.write(({ subjects }) => subjects.hide('other', [1]))
      await appendAll(at.store, 'votes', ['{}'])
      expect(await at.store.subjects.versions('votes', 'deleted')).toEqual([{ version: 2, deleted: true }])
      expect(await at.store.subjects.versions('other', 'deleted')).toEqual([{ version: 1, deleted: true }])
    })
  })

  describe('deleting', () => {
    test('hides versions: they keep their numbers and can still be read', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', texts(3))
      await at.store.write(({ subjects }) => subjects.hide('votes', [2, 3]))
      expect(await at.store.subjects.versions('votes', 'live')).toEqual([{ version: 1, deleted: false }])
      expect(await at.store.subjects.version('votes', 3, 'deleted')).toMatchObject({ id: 3, deleted: true })
      expect(await at.store.schemas.byId(3)).toMatchObject({ text: texts(3)[2] })
      expect(await at.store.write((tx) => append(tx, 'votes', 'true'))).toEqual({ id: 4, version: 4 })
    })

    test('does not give the number of a removed version again, be it the newest', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', texts(3))
      await at.store.write(({ subjects }) => subjects.remove('votes', [3]))
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([
        { version: 1, deleted: false },
        { version: 2, deleted: false },
      ])
      expect(await at.store.subjects.state('votes')).toMatchObject({ lastVersion: 3 })
      expect(await at.store.write((tx) => append(tx, 'votes', 'true'))).toEqual({ id: 4, version: 4 })
    })

    test('removes all that was set for a subject with its last version, and then counts from 1', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', texts(2))
      await at.store.write(({ subjects }) => subjects.configure('votes', { mode: 'READONLY' }))
      await at.store.write(({ subjects }) => subjects.hide('votes', [1, 2]))
      await at.store.write(({ subjects }) => subjects.remove('votes', [1, 2]))
      expect(await at.store.subjects.state('votes')).toMatchObject({ lastVersion: 0, own: {} })
      expect(await at.store.subjects.all({ limit: 10 })).toEqual([])
      expect(await at.store.write((tx) => append(tx, 'votes', '{}'))).toEqual({ id: 3, version: 1 })
    })

    test('keeps what was set for a subject while it has a version, be it a hidden one', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', texts(2))
      await at.store.write(({ subjects }) => subjects.configure('votes', { mode: 'READONLY' }))
      await at.store.write(({ subjects }) => subjects.hide('votes', [1, 2]))
      await at.store.write(({ subjects }) => subjects.remove('votes', [2]))
      expect(await at.store.subjects.state('votes')).toMatchObject({ lastVersion: 2, own: { mode: 'READONLY' } })
    })

    test('takes a schema away with its last use, and tells so', async () => {
      await using at = await openNew(makePlace)
      const references = [{ name: 'a.json', subject: 'a', version: 1 }]
      const schema = content('{}', { references })
      await appendAll(at.store, 'votes', [schema])
      await appendAll(at.store, 'other', [schema])
      const before = await at.store.schemas.removals()
      await at.store.write(({ subjects }) => subjects.remove('votes', [1]))
      expect(await at.store.schemas.byId(1)).toMatchObject({ text: '{}' })
      expect(await at.store.schemas.removals()).toBe(before)
      await at.store.write(({ subjects }) => subjects.remove('other', [1]))
      expect(await at.store.schemas.byId(1)).toBeUndefined()
      expect(await at.store.schemas.byGuid(schema.guid)).toBeUndefined()
      expect(await at.store.subjects.referrers({ subject: 'a', version: 1 }, 'any')).toEqual([])
      expect(await at.store.schemas.removals()).not.toBe(before)
      expect(await at.store.schemas.maxId()).toBe(1)
      expect(await at.store.write((tx) => append(tx, 'votes', schema))).toEqual({ id: 2, version: 1 })
    })

    test('finds nothing under a name with a NUL, and the writes beside it happen', async () => {
      await using at = await openNew(makePlace)
      const asking = at.store.write(async ({ subjects, services, environments }) => [
        await subjects.versions('a\0', 'any'),
        (await subjects.state('a\0')).own,
        await services.service('a\0'),
        await environments.environment('a\0'),
      ])
      const beside = at.store.write((tx) => append(tx, 'votes', '{}'))
      expect(await asking).toEqual([[], {}, undefined, undefined])
      expect(await beside).toEqual({ id: 1, version: 1 })
    })

    test('does not mind versions that are not there', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}'])
      await at.store.write(({ subjects }) => subjects.hide('votes', [7]))
      await at.store.write(({ subjects }) => subjects.remove('votes', [7]))
      await at.store.write(({ subjects }) => subjects.remove('unheard of', [1]))
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([{ version: 1, deleted: false }])
      expect(await at.store.subjects.all({ limit: 10 })).toEqual([{ name: 'votes', lastVersion: 1 }])
    })
  })

  describe('settings', () => {
    test('are those of the subject and the global ones, and stay until they are set anew', async () => {
      await using at = await openNew(makePlace)
      const config = { compatibilityLevel: 'FULL', alias: 'ballots' }
      await at.store.write(({ subjects }) => subjects.configure('votes', { config, mode: 'IMPORT' }))
      await at.store.write(({ subjects }) => subjects.configure('', { mode: 'READONLY' }))
      await appendAll(at.store, 'votes', ['{}'])
      expect(await at.store.subjects.state('votes')).toMatchObject({
        lastVersion: 1,
        own: { config, mode: 'IMPORT' },
        global: { mode: 'READONLY' },
      })
      await at.store.write(({ subjects }) => subjects.configure('votes', {}))
      expect(await at.store.subjects.state('votes')).toMatchObject({ lastVersion: 1, own: {} })
      expect(await at.store.subjects.state('')).toMatchObject({ global: { mode: 'READONLY' } })
    })

    test('do not make a subject', async () => {
      await using at = await openNew(makePlace)
      await at.store.write(({ subjects }) => subjects.configure('votes', { mode: 'IMPORT' }))
      expect(await at.store.subjects.versions('votes', 'any')).toEqual([])
      expect(await at.store.subjects.names({ prefix: '', which: 'any' }, { limit: 10 })).toEqual([])
    })

    test('and versions let the revision grow, each time', async () => {
      await using at = await openNew(makePlace)
      const changes: ((tx: Transaction) => Promise<unknown>)[] = [
        (tx) => append(tx, 'votes', '{}'),
        (tx) => append(tx, 'votes', 'true'),
        ({ subjects }) => subjects.configure('votes', { mode: 'IMPORT' }),
        ({ subjects }) => subjects.configure('', { mode: 'IMPORT' }),
        ({ subjects }) => subjects.hide('votes', [1]),
        ({ subjects }) => subjects.remove('votes', [1]),
      ]
      const revisions = [0]
      for (const change of changes) {
        await at.store.write(change)
        revisions.push((await at.store.subjects.state('votes')).revision)
      }
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b))
    })
  })

  describe('restoring', () => {
    test('makes another store the same, numbers included, and it counts on from there', async () => {
      await using from = await openNew(makePlace)
      await using to = await openNew(makePlace)
      const references = [{ name: 'votes.json', subject: 'votes', version: 1 }]
      await appendAll(from.store, 'votes', [
        ...texts(3),
        content('{"$ref":"a"}', { references, metadata: { tags: {} } }),
      ])
      await appendAll(from.store, 'gone', ['false'])
      await from.store.write(({ subjects }) => subjects.hide('votes', [2]))
      await from.store.write(({ subjects }) => subjects.remove('votes', [3]))
      await from.store.write(({ subjects }) => subjects.remove('gone', [1]))
      await from.store.write(({ subjects }) => subjects.configure('votes', { config: { alias: 'b' }, mode: 'IMPORT' }))
      await from.store.write(({ subjects }) => subjects.configure('', { config: { compatibilityLevel: 'NONE' } }))
      const records = await recordsOf(from.store)
      await to.store.write(async (tx) => {
        for (const record of records) await tx.restore(record)
      })
      expect(await recordsOf(to.store)).toEqual(records)
      expect(await to.store.subjects.referrers({ subject: 'votes', version: 1 }, 'any')).toEqual([
        { id: 4, subject: 'votes' },
      ])
      expect(await to.store.write((tx) => append(tx, 'votes', 'true'))).toEqual({ id: 6, version: 5 })
    })

    test('refuses what is there already, and then restores nothing', async () => {
      await using at = await openNew(makePlace)
      const schema = { ...content('{}'), id: 1 }
      const twice = at.store.write(async (tx) => {
        await tx.restore({ kind: 'schema', schema })
        await tx.restore({ kind: 'schema', schema })
      })
      await expect(twice).rejects.toThrow(/unique/i)
      expect(await at.store.schemas.byId(1)).toBeUndefined()
    })
  })
}
