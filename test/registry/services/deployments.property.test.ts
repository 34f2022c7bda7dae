import { expect, test } from 'vitest'
import type { Registry } from '../../../registry/registry.ts'
import { endDeployment, endRelease, recordDeployment, recordRelease } from '../../../registry/services/deployments.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import { createEngine } from '../../../registry/verdicts/engine.ts'
import { fc } from '../../support/property.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { arrive } from '../store/services.ts'

const some = <const T>(...values: readonly T[]) => fc.constantFrom(...values)
const step = fc.record({
  does: some('deploy', 'stop', 'release', 'retire'),
  environment: some('test', 'production'),
  service: some('tally', 'vote-api'),
  version: some('1', '2', '3'),
  instance: some(undefined, 'eu', 'us'),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** What runs, as anybody would write it down: a version in each slot, and the releases. */
type Model = { readonly slots: Map<string, string>; readonly releases: Set<string>; started: number }

/** Does a step to the model, and answers whether it should be refused. */
function stepInModel({ does, environment, service, version, instance }: Step, model: Model): boolean {
  const slot = `${environment} ${service} ${instance ?? ''}`
  const release = `${environment} ${service} ${version}`
  switch (does) {
    case 'deploy':
      if (model.slots.get(slot) !== version) model.started++
      model.slots.set(slot, version)
      return false
    case 'stop':
      return !model.slots.delete(slot)
    case 'release':
      if (!model.releases.has(release)) model.started++
      model.releases.add(release)
      return false
    case 'retire':
      return !model.releases.delete(release)
  }
}

async function stepInStore(registry: Registry, { does, environment, service, version, instance }: Step): Promise<void> {
  const slot = { environment, service, instance }
  switch (does) {
    case 'deploy':
      return void (await recordDeployment(registry, slot, version))
    case 'stop':
      return void (await endDeployment(registry, slot))
    case 'release':
      return void (await recordRelease(registry, environment, { service, version }))
    case 'retire':
      return void (await endRelease(registry, environment, { service, version }))
  }
}

test('what runs is what a list of slots and releases would say, whatever was recorded in whatever order', async () => {
  await using folder = await disposableFolder()
  await using store = await openSqliteStore(folder.path)
  await using engine = createEngine()
  const registry = { store, engine }
  for (const name of ['tally', 'vote-api'])
    for (const one of ['1', '2', '3']) await arrive(store, { service: name, version: one })
  const model: Model = { slots: new Map(), releases: new Set(), started: 0 }
  await fc.assert(
    // what has been recorded stays for the next list of steps, so that histories grow long
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const one of steps) {
        const isRefused = stepInModel(one, model)
        const outcome = await stepInStore(registry, one).then(
          () => undefined,
          ({ code }: { code: string }) => code,
        )
        expect(outcome).toBe(isRefused ? 'deployment.unknown' : undefined)
      }
      const running = (await Promise.all(['test', 'production'].map((name) => store.environments.current(name)))).flat()
      const slots = running.filter(({ kind }) => kind === 'deployment')
      expect(
        new Map(slots.map((one) => [`${one.environment} ${one.service} ${one.instance ?? ''}`, one.version])),
      ).toEqual(model.slots)
      const releases = running.filter(({ kind }) => kind === 'release')
      expect(new Set(releases.map((one) => `${one.environment} ${one.service} ${one.version}`))).toEqual(model.releases)
      const all = await store.environments.allDeployments({ limit: 10_000 })
      expect(all).toHaveLength(model.started)
      expect(all.filter(({ ended }) => ended === undefined)).toHaveLength(running.length)
    }),
    { numRuns: 40 },
  )
})
