import { oppositeOf } from '../services/channel.ts'
import type { ContractTerms, Neighbour, Verb, VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'

/** Where something is to go: an environment, or beside the heads of all main branches. */
export type Destination = { readonly to: string } | { readonly against: 'main' }

/** All contracts that would meet these, of versions that live at the destination. */
export async function findNeighbours(
  channels: Reads['channels'],
  destination: Destination,
  contracts: readonly ContractTerms[],
): Promise<Neighbour[]> {
  const asked = sidesOf(contracts).map((side) => findLiving(channels, destination, side))
  const running = (await Promise.all(asked)).flat()
  if (!('to' in destination)) return running
  // What ends between the two questions has been seen by the first.
  return [...running, ...(await findRetired(channels, destination.to, contracts))]
}

/** Versions of which nothing is known, of services that have met contracts like these before. */
export async function findSilent(
  channels: Reads['channels'],
  destination: Destination,
  contracts: readonly ContractTerms[],
): Promise<VersionName[]> {
  if (!('to' in destination)) return []
  const { to } = destination
  return (await Promise.all(sidesOf(contracts).map(({ verb, places }) => channels.silent(to, verb, places)))).flat()
}

type OtherSide = { readonly verb: Verb; readonly places: readonly string[] }

/** Who stands on the other side of contracts, and where. */
function sidesOf(contracts: readonly ContractTerms[]): OtherSide[] {
  return [...Map.groupBy(contracts, ({ verb }) => verb)].map(([verb, some]) => ({
    verb: oppositeOf(verb),
    places: some.map(({ place }) => place),
  }))
}

/** All contracts with which what lives at the destination takes part in these places. */
export async function findLiving(
  channels: Reads['channels'],
  destination: Destination,
  { verb, places }: OtherSide,
): Promise<Neighbour[]> {
  return 'to' in destination ? channels.running(destination.to, verb, places) : channels.heads(verb, places)
}

/** Writers that have ended, whose messages a reader may still find. */
async function findRetired(
  channels: Reads['channels'],
  environment: string,
  contracts: readonly ContractTerms[],
): Promise<Neighbour[]> {
  const read = contracts.filter(({ verb }) => verb === 'reads')
  const kept = Map.groupBy(read, ({ keepsMs = 0 }) => keepsMs)
  const asked = [...kept].map(([keepsMs, some]) =>
    channels.retired(
      environment,
      some.map(({ place }) => place),
      keepsMs,
    ),
  )
  return (await Promise.all(asked)).flat()
}
