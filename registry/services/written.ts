import type { Neighbour, StoredContract, Verb, VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import type { ChannelParts } from './channel.ts'
import { findEnvironment } from './find.ts'

/** One way in which a channel is written or read, and the versions that do it so. */
export type Way = {
  readonly contract: StoredContract
  readonly text: string
  readonly versions: readonly VersionName[]
}

type Source = Pick<Reads, 'channels' | 'services' | 'environments' | 'schemas'>

/**
 * The different schemas with which a channel is written, or whatever the verb says: by what runs in an environment, or by
 * the head of each service's main branch, and the latest version of a service that has none.
 */
export async function waysOf(reads: Source, channel: ChannelParts, verb: Verb, environment?: string): Promise<Way[]> {
  const all =
    environment === undefined ? await ofHeads(reads, channel, verb) : await running(reads, channel, verb, environment)
  const contracts = all.filter(({ part }) => channel.part === '' || part === channel.part)
  const schemas = await reads.schemas.byIds(contracts.map(({ schemaId }) => schemaId))
  const texts = new Map(schemas.map(({ id, text }) => [id, text]))
  const ways = Map.groupBy(contracts, ({ fingerprint, part, encoding, field, headers }) =>
    JSON.stringify([fingerprint, part, encoding, field, headers]),
  )
  return [...ways.values()].flatMap((group) => {
    const [contract] = group
    if (!contract) return []
    const versions = new Map(group.map(({ service, version }) => [`${service} ${version}`, { service, version }]))
    return [{ contract, text: texts.get(contract.schemaId) ?? 'true', versions: [...versions.values()] }]
  })
}

async function running(reads: Source, { place }: ChannelParts, verb: Verb, environment: string): Promise<Neighbour[]> {
  const { name } = await findEnvironment(reads, environment)
  return reads.channels.running(name, verb, [place])
}

async function ofHeads({ channels, services }: Source, { place }: ChannelParts, verb: Verb): Promise<StoredContract[]> {
  const [meetings, heads] = await Promise.all([channels.meetings([place]), channels.heads(verb, [place])])
  const [list, withHead] = [meetings.filter((one) => one.verb === verb), new Set(heads.map(({ service }) => service))]
  const others = list.map(({ service }) => service).filter((service) => !withHead.has(service))
  const branches = await Promise.all(others.map((service) => services.service(service)))
  const branchless = branches.flatMap((one) => (one && one.mainBranch === undefined ? [one.name] : []))
  const latest = await services.latestPublished(branchless)
  const theirs = await Promise.all(latest.map((version) => services.contracts(version)))
  return [...heads, ...theirs.flat().filter((one) => one.place === place && one.verb === verb)]
}
