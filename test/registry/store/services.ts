import { describe, expect, test } from 'vitest'
import type { ContractTerms, VersionName } from '../../../registry/store/services.ts'
import type { Store, Transaction } from '../../../registry/store/store.ts'
import type { MakePlace } from '../store-suite.ts'
import { appendAll, content, numbers, openNew, recordsOf } from './contents.ts'

/** What holds for services, their versions and contracts, and for who meets whom. */
export function describeServices(makePlace: MakePlace): void {
  describe('services', () => {
    test('have versions in the order in which they came, and branches whose heads came last', async () => {
      await using at = await openNew(makePlace)
      await at.store.write(({ services }) => services.putService('tally', 'main'))
      for (const version of ['b', 'a', 'c']) await arrive(at.store, { service: 'tally', version }, 'main')
      await at.store.write(({ services }) => services.putBranch({ service: 'tally', version: 'b' }, 'fix'))
      const versions = await at.store.services.versions('tally', { limit: 2 })
      expect(versions.map(({ version }) => version)).toEqual(['c', 'a'])
      const rest = await at.store.services.versions('tally', { after: versions.at(-1)?.position, limit: 2 })
      expect(rest.map(({ version }) => version)).toEqual(['b'])
      expect(await at.store.services.latest('tally')).toMatchObject({ version: 'c' })
      expect(await at.store.services.latest('tally', 'main')).toMatchObject({ version: 'c' })
      expect(await at.store.services.latest('tally', 'fix')).toMatchObject({ version: 'b' })
      expect(await at.store.services.latest('tally', 'none')).toBeUndefined()
      const branches = await at.store.services.branches('tally', ['b', 'c'])
      expect(branches.map(({ version, branch }) => `${version} ${branch}`)).toEqual(['b main', 'c main', 'b fix'])
    })

    test('are made once, and change only what is given', async () => {
      await using at = await openNew(makePlace)
      const put = (mainBranch?: string | null) =>
        at.store.write(({ services }) => services.putService('tally', mainBranch))
      const made = await put('main')
      expect(made).toEqual({ name: 'tally', position: 1, mainBranch: 'main' })
      expect(await put()).toEqual(made)
      expect(await put(null)).toEqual({ name: 'tally', position: 1 })
      const name = { service: 'tally', version: '1' }
      const version = await at.store.write(({ services }) => services.putVersion(name, 'https://ci/1'))
      expect(await at.store.write(({ services }) => services.putVersion(name))).toEqual(version)
      expect(version).toMatchObject({ ...name, position: 2, buildUrl: 'https://ci/1' })
    })

    test('of one moment have different positions, whoever writes them', async () => {
      await using at = await openNew(makePlace)
      await using other = await at.place.open()
      await at.store.write(({ services }) => services.putService('tally'))
      const versions = await Promise.all(
        numbers(20).map((n) => arrive(n % 2 ? at.store : other, { service: 'tally', version: `v${n}` })),
      )
      const positions = versions.map(({ position }) => position).toSorted((a, b) => a - b)
      expect(positions).toEqual(numbers(20).map((n) => n + 1))
    })

    test('keep their contracts whole', async () => {
      await using at = await openNew(makePlace)
      const rare = {
        ...terms('stream:votes', 'writes'),
        encoding: 'json',
        field: 'payload',
        headers: 'full',
        guarded: false,
        external: true,
        keepsMs: 7 * 86_400_000,
        subject: 'votes-value',
        subjectVersion: 3,
        origin: 'votes.contract.ts',
      } as const
      const plain = terms('http:vote-api POST /api/vote', 'calls', { part: '201', encoding: 'http' })
      const name = { service: 'tally', version: '1' }
      expect(await at.store.services.contracts(name)).toEqual([])
      const kept = await publish(at.store, name, [rare, plain])
      expect(await at.store.services.contracts(name)).toEqual([
        { ...name, ...plain, schemaId: kept[1] },
        { ...name, ...rare, schemaId: kept[0] },
      ])
      expect(await at.store.services.version(name)).toMatchObject({ publishedAt: expect.any(Number) })
    })

    test('put many contracts in at once, and find them all', async () => {
      await using at = await openNew(makePlace)
      const many = numbers(700).map((n) => terms(`stream:s${n}`, 'writes', {}, `{"title":"${n}"}`))
      await publish(at.store, { service: 'tally', version: '1' }, many)
      const places = many.map(({ place }) => place)
      await run(at.store, 'production', { service: 'tally', version: '1' })
      expect(await at.store.channels.running('production', 'writes', places)).toHaveLength(700)
      expect(await at.store.channels.meetings(places)).toHaveLength(700)
      expect(await at.store.schemas.maxId()).toBe(700)
    })
  })

  describe('schemas of contracts', () => {
    test('have the id of equal content, and no version of any subject', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}'])
      const ids = await at.store.write(({ schemas }) =>
        schemas.keepAll([content('true'), content('{}'), content('true')]),
      )
      expect(ids).toEqual([2, 1, 2])
      expect(await at.store.schemas.uses(2, 'any')).toEqual([])
      expect(await at.store.schemas.byIds([2, 7, 1])).toMatchObject([{ id: 1 }, { id: 2, text: 'true' }])
    })

    test('stay when the last version of a subject goes', async () => {
      await using at = await openNew(makePlace)
      await appendAll(at.store, 'votes', ['{}', 'true'])
      await publish(at.store, { service: 'tally', version: '1' }, [terms('stream:votes', 'reads', {}, '{}')])
      await at.store.write(({ subjects }) => subjects.remove('votes', [1, 2]))
      expect(await at.store.schemas.byId(1)).toMatchObject({ text: '{}' })
      expect(await at.store.schemas.byId(2)).toBeUndefined()
    })

    test('are found by the names of their fields, of what runs or came last', async () => {
      await using at = await openNew(makePlace)
      const vote =
        '{"properties":{"option":{"properties":{"a/b":{}},"required":["a/b"]}},"enum":[{"properties":{"no":1}}]}'
      await publish(at.store, { service: 'tally', version: '1' }, [terms('stream:votes', 'reads', {}, vote)])
      await publish(at.store, { service: 'tally', version: '2' }, [terms('stream:votes', 'reads', {}, vote)])
      const all = async (name: string) => at.store.channels.fields(name, { limit: 9 })
      const found = { service: 'tally', version: '2', place: 'stream:votes', verb: 'reads', part: '' }
      expect(await all('option')).toEqual([{ ...found, at: '/properties/option', required: false }])
      expect(await all('a/b')).toEqual([{ ...found, at: '/properties/option/properties/a~1b', required: true }])
      expect(await all('no')).toEqual([])
      await run(at.store, 'production', { service: 'tally', version: '1' })
      expect((await all('option')).map(({ version }) => version)).toEqual(['1', '2'])
      expect(await at.store.channels.fields('option', { limit: 9 }, 'writes')).toEqual([])
    })
  })

  describe('who meets whom', () => {
    test('are those who run, are supported or are being rolled out there, and nobody else', async () => {
      await using at = await openNew(makePlace)
      const votes = [terms('stream:votes', 'reads')]
      for (const version of ['1', '2', '3', '4', '5']) await publish(at.store, { service: 'tally', version }, votes)
      await publish(at.store, { service: 'vote-api', version: '1' }, [terms('stream:votes', 'writes')])
      await run(at.store, 'production', { service: 'tally', version: '1' }, 'eu')
      await run(at.store, 'test', { service: 'tally', version: '2' })
      await run(at.store, 'production', { service: 'vote-api', version: '1' })
      await at.store.write(async ({ environments }) => {
        await environments.release('production', { service: 'tally', version: '3' })
        await environments.reserve({ environment: 'production', service: 'tally', version: '4', expiresInMs: 1 })
      })
      const met = async (place: string) => {
        const found = await at.store.channels.running('production', 'reads', [place])
        return found.map(({ version, is, instance = '' }) => `${version} ${is} ${instance}`).toSorted()
      }
      expect(await met('stream:votes')).toEqual(['1 deployed eu', '3 released ', '4 starting '])
      expect(await met('stream:other')).toEqual([])
      const running = await at.store.channels.runningAll('production', 9)
      expect(running.map(({ service, version }) => `${service} ${version}`)).toEqual([
        'tally 1',
        'tally 3',
        'vote-api 1',
      ])
    })

    test('are also writers that have ended, for as long as the stream keeps what they wrote', async () => {
      await using at = await openNew(makePlace)
      const keeping = terms('stream:votes', 'writes', { keepsMs: 3_600_000 })
      await publish(at.store, { service: 'vote-api', version: '1' }, [keeping, terms('stream:other', 'writes')])
      const deployment = await run(at.store, 'production', { service: 'vote-api', version: '1' })
      const met = async (place: string, keepsMs: number) =>
        (await at.store.channels.retired('production', [place], keepsMs)).map(({ service, is }) => `${service} ${is}`)
      expect(await met('stream:votes', 0)).toEqual([])
      await at.store.write(({ environments }) => environments.end([deployment.id]))
      expect(await met('stream:votes', 0)).toEqual(['vote-api retired'])
      expect(await met('stream:other', 0)).toEqual([])
      expect(await met('stream:other', 60_000)).toEqual(['vote-api retired'])
      expect(await at.store.channels.running('production', 'writes', ['stream:votes'])).toEqual([])
    })

    test('are also writers whose roll-out has been closed, and until when their streams keep it is known', async () => {
      await using at = await openNew(makePlace)
      const name = { service: 'vote-api', version: '1' }
      await publish(at.store, name, [terms('stream:votes', 'writes', { keepsMs: 3_600_000 })])
      const started = await at.store.write(({ environments }) =>
        environments.reserve({ ...name, environment: 'production', expiresInMs: 1 }),
      )
      expect(await at.store.environments.reservationsOf('vote-api')).toMatchObject([{ id: started.id }])
      expect(await at.store.channels.keptUntil('vote-api')).toBeUndefined()
      const [closed] = await at.store.write(({ environments }) => environments.close([started.id], 'given-up'))
      expect(await at.store.environments.reservationsOf('vote-api')).toEqual([])
      const retired = await at.store.channels.retired('production', ['stream:votes'], 0)
      expect(retired).toMatchObject([{ ...name, is: 'retired', endedAt: closed?.closedAt }])
      expect(await at.store.channels.retired('test', ['stream:votes'], 0)).toEqual([])
      expect(await at.store.channels.keptUntil('vote-api')).toBe((closed?.closedAt ?? 0) + 3_600_000)
    })

    test('may have published nothing, which only who has taken part there before is told of', async () => {
      await using at = await openNew(makePlace)
      await publish(at.store, { service: 'tally', version: '1' }, [terms('stream:votes', 'reads')])
      for (const service of ['tally', 'other']) {
        await arrive(at.store, { service, version: '2' })
        await run(at.store, 'production', { service, version: '2' })
      }
      const silent = (environment: string) => at.store.channels.silent(environment, 'reads', ['stream:votes'])
      expect(await silent('production')).toEqual([{ service: 'tally', version: '2' }])
      expect(await silent('test')).toEqual([])
    })

    test('beside a main branch are the heads of the others', async () => {
      await using at = await openNew(makePlace)
      for (const [version, branch] of [
        ['1', 'main'],
        ['2', 'main'],
        ['3', 'fix'],
      ] as const) {
        await publish(at.store, { service: 'tally', version }, [terms('stream:votes', 'reads')])
        await at.store.write(({ services }) => services.putBranch({ service: 'tally', version }, branch))
      }
      expect(await at.store.channels.heads('reads', ['stream:votes'])).toEqual([])
      await at.store.write(({ services }) => services.putService('tally', 'main'))
      const heads = await at.store.channels.heads('reads', ['stream:votes'])
      expect(heads).toMatchObject([{ service: 'tally', version: '2', is: 'head' }])
      await arrive(at.store, { service: 'tally', version: '4' }, 'main')
      expect(await at.store.channels.heads('reads', ['stream:votes'])).toEqual(heads)
      expect(await at.store.services.head('tally', 'main')).toMatchObject({ version: '2' })
      expect(await at.store.services.latestPublished(['tally', 'other'])).toMatchObject([{ version: '3' }])
    })

    test('are told place by place, the latest version of each service first', async () => {
      await using at = await openNew(makePlace)
      for (const service of ['b', 'a'])
        for (const version of ['2', '1'])
          await publish(at.store, { service, version }, [
            terms('stream:votes', 'reads'),
            terms(`stream:of-${service}`, 'writes'),
          ])
      await run(at.store, 'production', { service: 'a', version: '2' })
      const { channels } = at.store
      const first = await channels.contractsAt('stream:votes', { limit: 3 })
      expect(named(first)).toEqual(['a 1', 'a 2', 'b 1'])
      expect(named(await channels.contractsAt('stream:votes', { after: first.at(-1), limit: 3 }))).toEqual(['b 2'])
      expect(named(await channels.contractsAt('stream:votes', { limit: 3 }, 'production'))).toEqual(['a 2'])
      expect(await channels.places('stream:', { limit: 2 })).toEqual(['stream:of-a', 'stream:of-b'])
      expect(await channels.places('stream:', { after: 'stream:of-b', limit: 2 })).toEqual(['stream:votes'])
      expect(await channels.meetingsOf(['a'])).toEqual([
        { place: 'stream:of-a', verb: 'writes', service: 'a' },
        { place: 'stream:votes', verb: 'reads', service: 'a' },
      ])
    })
  })

  describe('a service that is taken away', () => {
    test('leaves nothing behind but what others have', async () => {
      await using at = await openNew(makePlace)
      await fillAll(at.store)
      await publish(at.store, { service: 'vote-api', version: '1' }, [terms('stream:votes', 'writes')])
      await at.store.write(({ services }) => services.remove('tally'))
      const left = (await recordsOf(at.store)).filter((record) => JSON.stringify(record).includes('tally'))
      expect(left).toEqual([])
      expect(await at.store.channels.meetings(['stream:votes'])).toMatchObject([{ service: 'vote-api' }])
      expect(await at.store.channels.fields('option', { limit: 9 })).toEqual([])
    })
  })

  describe('restoring services', () => {
    test('makes another store the same, and it counts on from there', async () => {
      await using from = await openNew(makePlace)
      await using to = await openNew(makePlace)
      await fillAll(from.store)
      const records = await recordsOf(from.store)
      await to.store.write(async (tx) => {
        for (const record of records) await tx.restore(record)
      })
      expect(await recordsOf(to.store)).toEqual(records)
      expect(new Set(records.map(({ kind }) => kind)).size).toBe(11)
      const votes = ['stream:votes']
      expect(await to.store.channels.meetings(votes)).toEqual(await from.store.channels.meetings(votes))
      expect(await to.store.channels.fields('option', { limit: 9 })).toHaveLength(1)
      const { position } = await arrive(to.store, { service: 'tally', version: 'next' })
      expect(position).toBe((await from.store.environments.position()) + 1)
    })
  })
}

function named(contracts: readonly VersionName[]): string[] {
  return contracts.map(({ service, version }) => `${service} ${version}`)
}

/** One of everything that is kept of services and environments. */
export async function fillAll(store: Store): Promise<void> {
  const name = { service: 'tally', version: '1' }
  const option = '{"properties":{"option":{"enum":["cats","dogs"]}}}'
  await publish(store, name, [terms('stream:votes', 'reads', { keepsMs: 5, origin: 'tally.ts' }, option)])
  await store.write(async ({ services, environments }) => {
    await services.putService('tally', 'main')
    await services.putVersion(name, 'https://ci/1')
    await services.putBranch(name, 'main')
    await environments.putEnvironment({ name: 'production', production: true, policy: 'strict' })
    const { id } = await environments.deploy({ environment: 'production', service: 'tally' }, '1')
    await environments.end([id])
    await environments.deploy({ environment: 'production', service: 'tally', instance: 'eu' }, '1')
    await environments.release('test', name)
    const reserved = await environments.reserve({ ...name, environment: 'test', by: 'ci', expiresInMs: 60_000 })
    await environments.close([reserved.id], 'given-up')
    await environments.reserve({ ...name, environment: 'test', instance: 'eu', expiresInMs: 60_000 })
    const scope = { service: 'tally', environment: 'test', reason: 'we know', by: 'kim' }
    await environments.override({ ...scope, channel: 'stream:votes', expiresInMs: 60_000 })
    const override = await environments.override({ ...scope, version: '1', expiresInMs: 60_000 })
    await environments.endOverride(override.id)
  })
}

export function terms(
  place: string,
  verb: ContractTerms['verb'],
  more: Partial<ContractTerms> = {},
  text = '{}',
): ContractTerms & { readonly text: string } {
  const plain = { part: '', encoding: 'fields', headers: 'off', guarded: true, external: false } as const
  const fingerprint = content(text).identity
  return Object.defineProperty({ place, verb, ...plain, fingerprint, schemaId: 0, ...more }, 'text', {
    value: text,
  }) as ContractTerms & { readonly text: string }
}

/** Publishes contracts whose schemas are these texts, and answers the ids of the schemas. */
export async function publish(
  store: Store,
  name: VersionName,
  contracts: readonly (ContractTerms & { readonly text?: string })[],
): Promise<number[]> {
  return store.write(async (transaction) => {
    const ids = await transaction.schemas.keepAll(contracts.map(({ text = '{}' }) => contentWith(text)))
    await arriveWithin(transaction, name)
    await transaction.services.publish(
      name,
      contracts.map((contract, i) => ({ ...contract, schemaId: ids[i] ?? 0 })),
    )
    return ids
  })
}

/** Content whose fingerprint has the form that exports ask for. */
function contentWith(text: string) {
  const plain = content(text)
  return { ...plain, fingerprint: plain.identity }
}

export function arrive(store: Store, name: VersionName, branch?: string) {
  return store.write(async (transaction) => {
    const version = await arriveWithin(transaction, name)
    if (branch !== undefined) await transaction.services.putBranch(name, branch)
    return version
  })
}

async function arriveWithin({ services }: Transaction, name: VersionName) {
  if ((await services.service(name.service)) === undefined) await services.putService(name.service)
  return services.putVersion(name)
}

/** Lets a version run in a slot that is free. */
export function run(store: Store, environment: string, { service, version }: VersionName, instance?: string) {
  return store.write(({ environments }) => environments.deploy({ environment, service, instance }, version))
}
