import { registryError } from '../errors.ts'
import type { EnvironmentEntry, EnvironmentReads } from '../store/environments.ts'
import type { ServiceEntry, ServiceReads, ServiceVersion, VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { shown } from '../unicode.ts'
import { type ChannelParts, parsePlace } from './channel.ts'
import { nearNames } from './near.ts'

/** Names among which one looks for what may have been meant. */
const NAMES_LOOKED_AT = 2000

export async function findService(services: ServiceReads, name: string): Promise<ServiceEntry> {
  const found = await services.service(name)
  if (found) return found
  const names = (await services.list({ limit: NAMES_LOOKED_AT })).map((service) => service.name)
  throw registryError('service.unknown', { service: shown(name), near: nearNames(name, names) })
}

/** Finds a version by its name, by `latest`, or by `branch:` and the branch whose head it is. */
export async function findServiceVersion(
  services: ServiceReads,
  { service, version }: VersionName,
): Promise<ServiceVersion> {
  const branch = /^branch:(.*)$/u.exec(version)?.[1]
  const isName = version !== 'latest' && branch === undefined
  const found = await (isName ? services.version({ service, version }) : services.latest(service, branch))
  if (found) return found
  await findService(services, service)
  const names = (await services.versions(service, { limit: NAMES_LOOKED_AT })).map((one) => one.version)
  throw registryError('service-version.unknown', { service, version: shown(version), near: nearNames(version, names) })
}

/** Finds a channel of which some contract speaks: a whole operation, or one part of it. */
export async function findChannel({ channels }: Pick<Reads, 'channels'>, name: string): Promise<ChannelParts> {
  const channel = parsePlace(name)
  if ((await channels.meetings([channel.place])).length > 0) return channel
  const known = await channels.places('', { limit: NAMES_LOOKED_AT })
  throw registryError('channel.unknown', { channel: shown(name), near: nearNames(channel.place, known) })
}

/** Environments that are there without anybody having made them, as their users expect. */
const BUILT_IN: readonly EnvironmentEntry[] = [
  { name: 'production', production: true, policy: 'as-declared' },
  { name: 'test', production: false, policy: 'as-declared' },
]

export function isBuiltIn(environment: string): boolean {
  return BUILT_IN.some(({ name }) => name === environment)
}

/** As many environments as there can be. */
export const MOST_ENVIRONMENTS = 1000

export async function listEnvironments(environments: EnvironmentReads): Promise<EnvironmentEntry[]> {
  const made = await environments.list({ limit: MOST_ENVIRONMENTS })
  const others = BUILT_IN.filter(({ name }) => !made.some((one) => one.name === name))
  return [...made, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}

export async function findEnvironment(
  { environments }: Pick<Reads, 'environments'>,
  name: string,
): Promise<EnvironmentEntry> {
  const found = (await environments.environment(name)) ?? BUILT_IN.find((one) => one.name === name)
  if (found) return found
  const names = (await listEnvironments(environments)).map((one) => one.name)
  throw registryError('environment.unknown', { environment: shown(name), near: nearNames(name, names) })
}
