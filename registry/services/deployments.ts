import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { Deployment, EnvironmentEntry, Reservation, Slot } from '../store/environments.ts'
import type { VersionName } from '../store/services.ts'
import { writeChange } from '../store/write-change.ts'
import { findEnvironment, findServiceVersion, isBuiltIn, listEnvironments, MOST_ENVIRONMENTS } from './find.ts'
import { checkEnvironment, checkText } from './names.ts'

export type Recorded = {
  readonly deployment: Deployment
  readonly isNew: boolean
  /** What ran in its slot until now. */
  readonly ended: readonly Deployment[]
  /** The reservations that this settles. */
  readonly closed: readonly Reservation[]
}

/** Makes an environment, or changes what is given of it. */
export async function putEnvironment(
  { store }: Registry,
  name: string,
  changes: Partial<Omit<EnvironmentEntry, 'name'>>,
): Promise<{ readonly environment: EnvironmentEntry; readonly isNew: boolean }> {
  checkEnvironment(name)
  return store.write(async ({ environments }) => {
    const all = await listEnvironments(environments)
    const known = all.find((one) => one.name === name)
    if (!known && all.length >= MOST_ENVIRONMENTS)
      throw registryError('request.malformed', { reason: `there are ${all.length} environments already` })
    const environment = { name, production: false, policy: 'as-declared' as const, ...known, ...changes }
    await environments.putEnvironment(environment)
    return { environment, isNew: known === undefined }
  })
}

/** Deletes an environment in which nothing runs. Its history comes back should it be made again. */
export async function deleteEnvironment({ store }: Registry, name: string): Promise<EnvironmentEntry> {
  return store.write(async ({ environments }) => {
    const environment = await findEnvironment({ environments }, name)
    if (isBuiltIn(name)) throw registryError('environment.built-in', { environment: name })
    const [running] = await environments.current(name)
    if (running) throw inUse(running, 'runs')
    const [starting] = await environments.reservations(name)
    if (starting) throw inUse(starting, 'is being rolled out')
    await environments.removeEnvironment(name)
    return environment
  })
}

function inUse({ environment, service, version }: Deployment | Reservation, does: string): Error {
  return registryError('environment.in-use', { environment, reason: `${service} ${version} ${does}` })
}

/**
 * Records that a version runs: it replaces what ran in its slot, and settles reservations for the slot. The same version
 * again changes nothing.
 */
export async function recordDeployment({ store }: Registry, slot: Slot, version: string): Promise<Recorded> {
  if (slot.instance !== undefined) checkText('an instance', slot.instance)
  return writeChange<Recorded>(store, async ({ services, environments }, asItWas) => {
    await findEnvironment({ environments }, slot.environment)
    const found = await findServiceVersion(services, { service: slot.service, version })
    const open = (await environments.reservations(slot.environment)).filter((one) => isInSlot(one, slot))
    const closed = await environments.close(
      open.map(({ id }) => id),
      'recorded',
    )
    const current = await currentIn(environments, slot)
    const same = current.find((one) => one.version === found.version)
    if (same) {
      const recorded = { deployment: same, isNew: false, ended: [], closed }
      return closed.length > 0 ? recorded : asItWas(recorded)
    }
    const ended = await environments.end(current.map(({ id }) => id))
    return { deployment: await environments.deploy(slot, found.version), isNew: true, ended, closed }
  })
}

/** Records that a service no longer runs in a slot. */
export async function endDeployment({ store }: Registry, slot: Slot): Promise<Deployment[]> {
  return store.write(async ({ environments }) => {
    await findEnvironment({ environments }, slot.environment)
    const current = await currentIn(environments, slot)
    if (current.length === 0) throw registryError('deployment.unknown', slot)
    return environments.end(current.map(({ id }) => id))
  })
}

type Released = { readonly release: Deployment; readonly isNew: boolean }

/** Records that a version is out with its users: releases stand side by side until their support ends. */
export async function recordRelease({ store }: Registry, environment: string, name: VersionName): Promise<Released> {
  return writeChange<Released>(store, async ({ services, environments }, asItWas) => {
    await findEnvironment({ environments }, environment)
    const found = await findServiceVersion(services, name)
    const same = await releaseOf(environments, environment, found)
    if (same) return asItWas({ release: same, isNew: false })
    return { release: await environments.release(environment, found), isNew: true }
  })
}

export async function endRelease({ store }: Registry, environment: string, name: VersionName): Promise<Deployment[]> {
  return store.write(async ({ services, environments }) => {
    await findEnvironment({ environments }, environment)
    const found = await findServiceVersion(services, name)
    const current = await releaseOf(environments, environment, found)
    if (!current) throw registryError('deployment.unknown', { ...name, environment })
    return environments.end([current.id])
  })
}

/** Gives a reservation up, unless `check` throws for it: what was begun has not come to its end. */
export async function giveUp(
  { store }: Registry,
  id: number,
  check: (reservation: Reservation) => void,
): Promise<Reservation> {
  return store.write(async ({ environments }) => {
    const [closed] = await environments.close([id], 'given-up')
    if (!closed) throw registryError('reservation.unknown', { id: String(id) })
    check(closed)
    return closed
  })
}

type Current = { current(environment: string, service?: string): Promise<Deployment[]> }

async function currentIn(environments: Current, slot: Slot): Promise<Deployment[]> {
  const current = await environments.current(slot.environment, slot.service)
  return current.filter((one) => one.kind === 'deployment' && isInSlot(one, slot))
}

async function releaseOf(
  environments: Current,
  environment: string,
  { service, version }: VersionName,
): Promise<Deployment | undefined> {
  const current = await environments.current(environment, service)
  return current.find((one) => one.kind === 'release' && one.version === version)
}

export function isInSlot(
  one: { readonly service: string; readonly instance?: string },
  slot: Omit<Slot, 'environment'>,
): boolean {
  return one.service === slot.service && one.instance === slot.instance
}
