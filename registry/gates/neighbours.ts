import { oppositeOf } from '../services/channel.ts'
import type { ContractTerms, Neighbour, Verb } from '../store/services.ts'
import type { Reads } from '../store/store.ts'

/** Where something is to go: an environment, or beside the heads of all main branches. */
export type Destination = { readonly to: string } | { readonly against: 'main' }

/** All contracts that would meet these, of versions that live at the destination. */
export async function findNeighbours(
  channels: Reads['channels'],
  destination: Destination,
  contracts: readonly ContractTerms[],
): Promise<Neighbour[]> {
  const placesByVerb = new Map<Verb, string[]>()
  for (const { verb, place } of contracts) placesByVerb.set(verb, [...(placesByVerb.get(verb) ?? []), place])
  const asked = [...placesByVerb].map(([verb, places]) =>
    'to' in destination
      ? channels.running(destination.to, oppositeOf(verb), places)
      : channels.heads(oppositeOf(verb), places),
  )
  const running = (await Promise.all(asked)).flat()
  if (!('to' in destination)) return running
  // What ends between the two questions has been seen by the first.
  return [...running, ...(await findRetired(channels, destination.to, contracts))]
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
