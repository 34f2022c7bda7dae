import { expect, test } from 'vitest'
import { fc } from '../../support/property.ts'
import { type Client, clientOf, done, fields, TEXT } from '../api/own-registry.ts'
import { temporaryRegistry } from '../temporary.ts'

const HOUR = 3_600_000
/** Which messages there are, by the fields that they have; what is read has them all. */
type Contract = { readonly has: string; readonly keeps?: true }
type Version = { readonly writes?: Contract; readonly reads?: Contract }
const VERSIONS: Readonly<Record<string, Version>> = {
  'a 1': { writes: { has: 'x', keeps: true } },
  'a 2': { writes: { has: 'xy' } },
  'a 3': { writes: { has: 'y' } },
  'a 4': {},
  'b 1': { reads: { has: 'x' } },
  'b 2': { reads: { has: '' } },
  'b 3': { reads: { has: 'y', keeps: true } },
  'b 4': { reads: { has: 'x' }, writes: { has: 'x', keeps: true } },
}
const NAMES = Object.keys(VERSIONS)

const some = <const T>(...values: readonly T[]) => fc.constantFrom(...values)
const step = fc.record({
  does: some('deploy', 'stop', 'release', 'retire', 'start', 'give up'),
  name: fc.constantFrom(...NAMES),
  instance: some('', 'eu'),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** What lives, each with its slot, and what has ended. */
type Model = {
  readonly slots: Map<string, string>
  releases: Set<string>
  started: Step[]
  readonly ended: Set<string>
}

const serviceOf = (name: string) => name.slice(0, 1)
const slotOf = ({ name, instance }: { readonly name: string; readonly instance: string }) =>
  `${serviceOf(name)} ${instance}`

function end(model: Model, name: string | undefined): void {
  if (name !== undefined) model.ended.add(name)
}

function stepInModel(one: Step, model: Model): void {
  const { does, name, instance } = one
  switch (does) {
    case 'deploy': {
      const settled = model.started.filter((other) => slotOf(other) === slotOf(one))
      for (const other of settled) end(model, other.name)
      model.started = model.started.filter((other) => !settled.includes(other))
      if (model.slots.get(slotOf(one)) !== name) end(model, model.slots.get(slotOf(one)))
      model.slots.set(slotOf(one), name)
      return
    }
    case 'stop':
      end(model, model.slots.get(slotOf(one)))
      model.slots.delete(slotOf(one))
      return
    case 'release':
      model.releases.add(name)
      return
    case 'retire':
      if (model.releases.delete(name)) end(model, name)
      return
    case 'start':
      model.started.push(one)
      return
    case 'give up': {
      const found = model.started.findIndex((other) => other.name === name && other.instance === instance)
      if (found >= 0) for (const { name: given } of model.started.splice(found, 1)) end(model, given)
    }
  }
}

type Registry = Awaited<ReturnType<typeof temporaryRegistry>>

async function stepInRegistry(registry: Registry, environment: string, { does, name, instance }: Step): Promise<void> {
  const at = clientOf(registry)
  const [service = '', version = ''] = name.split(' ')
  const path = `/environments/${environment}`
  const inSlot = instance === '' ? {} : { instance }
  switch (does) {
    case 'deploy':
      return done(await at.record(service, version, environment, inSlot))
    case 'stop':
      return void (await at.remove(`${path}/deployments/${service}?instance=${instance}`))
    case 'release':
      return done(await at.post(`${path}/releases`, { service, version }))
    case 'retire':
      return void (await at.remove(`${path}/releases/${service}/${version}`))
    case 'start':
      return void (await registry.store.write(({ environments }) =>
        environments.reserve({ environment, service, version, ...inSlot, expiresInMs: HOUR }),
      ))
    case 'give up': {
      const open = await registry.store.environments.reservations(environment)
      const found = open.find((one) => `${one.service} ${one.version}` === name && (one.instance ?? '') === instance)
      if (found) done(await at.remove(`/reservations/${found.id}`))
    }
  }
}

type Asked = { readonly name: string; readonly instance: string; readonly atOnce: boolean }

/** Why the candidate may not go, from what lives and has lived, as one would say it without any store. */
function stopsOf(model: Model, { name, instance, atOnce }: Asked): string[] {
  const replaced = model.slots.get(slotOf({ name, instance }))
  const others = [...model.slots].filter(([slot]) => slot !== slotOf({ name, instance })).map(([, version]) => version)
  const staying = new Set([...others, ...model.releases, ...model.started.map((one) => one.name), name])
  const living = new Set([...staying, ...(replaced === undefined ? [] : [replaced])])
  const [own, met] = [VERSIONS[name] ?? {}, [...(atOnce ? staying : living)].filter((one) => one !== name)]
  const ended = [...model.ended, ...(atOnce && replaced !== undefined ? [replaced] : [])]
  const kept = new Set(
    ended.filter((one) => one !== name && !met.includes(one) && (own.reads?.keeps ?? VERSIONS[one]?.writes?.keeps)),
  )
  const pairs = [
    ...[...met, name].map((reader) => [name, reader]),
    ...[...met, ...kept].map((writer) => [writer, name]),
  ].filter(([writer = '', reader = '']) => !fits(VERSIONS[writer]?.writes, VERSIONS[reader]?.reads))
  const isWritten = [...staying].some((one) => VERSIONS[one]?.writes)
  const isWithdrawn = !isWritten && replaced !== undefined && VERSIONS[replaced]?.writes !== undefined
  const left = isWithdrawn ? [...staying].filter((one) => one !== name && VERSIONS[one]?.reads) : []
  return [
    ...pairs.map(([writer, reader]) => `${writer} to ${reader}`),
    ...(own.reads && !isWritten ? [`missing to ${name}`] : []),
    ...left.map((one) => `missing to ${one}`),
  ].toSorted()
}

function fits(written: Contract | undefined, read: Contract | undefined): boolean {
  return !written || !read || Array.from(read.has).every((field) => written.has.includes(field))
}

type Stop = { readonly candidates: readonly Named[]; readonly writer?: Named; readonly reader?: Named }
type Named = { readonly service: string; readonly version: string }

function told(one: Named | undefined): string {
  return one ? `${one.service} ${one.version}` : 'missing'
}

async function stopsTold(at: Client, environment: string, { name, instance, atOnce }: Asked): Promise<string[]> {
  const [service, version] = name.split(' ')
  const versions = [{ service, version, ...(instance !== '' && { instance }) }]
  const { stops } = (await at.post('/can-i-deploy', { versions, to: environment, atOnce })).body as { stops: Stop[] }
  return stops.map(({ writer, reader, candidates }) => `${told(writer)} to ${told(reader ?? candidates[0])}`).toSorted()
}

test('a gate stops what anybody would stop who had written down all that was recorded', async () => {
  await using registry = await temporaryRegistry()
  const at = clientOf(registry)
  for (const [name, { writes, reads }] of Object.entries(VERSIONS)) {
    const contract = ({ has, keeps }: Contract, more = {}) => ({
      stream: 's',
      schema: { type: 'object', properties: { id: TEXT, x: TEXT, y: TEXT }, required: Array.from(has), ...more },
      ...(keeps && { keepsMs: HOUR }),
    })
    const written = writes && {
      ...contract(writes),
      schema: fields(Object.fromEntries(Array.from(writes.has, (field) => [field, TEXT]))),
    }
    const [service = '', version = ''] = name.split(' ')
    done(
      await at.publish(service, version, { writes: written ? [written] : [], reads: reads ? [contract(reads)] : [] }),
    )
  }
  let runs = 0
  const asked = fc.record({ name: fc.constantFrom(...NAMES), instance: some('', 'eu'), atOnce: fc.boolean() })
  const story = fc.tuple(fc.array(step, { maxLength: 10 }), fc.array(asked, { minLength: 4, maxLength: 8 }))
  await fc.assert(
    fc.asyncProperty(story, async ([steps, questions]) => {
      const environment = `e${runs++}`
      done(await at.put(`/environments/${environment}`, {}))
      const model: Model = { slots: new Map(), releases: new Set(), started: [], ended: new Set() }
      for (const one of steps) {
        stepInModel(one, model)
        await stepInRegistry(registry, environment, one)
      }
      for (const question of questions)
        expect(await stopsTold(at, environment, question)).toEqual(stopsOf(model, question))
    }),
    { numRuns: 100 },
  )
})
