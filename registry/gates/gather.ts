import type { Policy } from '../../contracts/index.ts'
import { isInSlot } from '../services/deployments.ts'
import { findEnvironment } from '../services/find.ts'
import type { Deployment, Override, Reservation } from '../store/environments.ts'
import type { ContractTerms } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { type Destination, findNeighbours } from './neighbours.ts'
import { type Pair, pairUp } from './pairs.ts'
import { type Candidate, candidateParties, type Party, partiesOf } from './party.ts'

export type Question = {
  readonly candidates: readonly Candidate[]
  readonly destination: Destination
  /** What was asked for; an environment may insist on more. */
  readonly policy?: Policy | undefined
  /** What runs of these services stops before the candidates start. */
  readonly atOnce: boolean
}

/** A contract of a candidate's that needs somebody on the other side, where nobody is. */
export type Missing = {
  readonly candidate: Candidate
  readonly contract: ContractTerms
  /** Services that would be there, were they at the destination. */
  readonly elsewhere: readonly string[]
}

/** All that an answer depends on, but the verdicts. */
export type Gathered = {
  readonly question: Question
  readonly policy: Policy
  readonly pairs: readonly Pair[]
  readonly missing: readonly Missing[]
  readonly reservations: readonly Reservation[]
  readonly overrides: readonly Override[]
  readonly back: { readonly to: readonly Candidate[]; readonly pairs: readonly Pair[] }
}

type Source = Pick<Reads, 'channels' | 'environments' | 'services'>

/** Gathers who meets whom, as it is now. */
export async function gather(reads: Source, question: Question): Promise<Gathered> {
  const { candidates, destination } = question
  const environment = 'to' in destination ? await findEnvironment(reads, destination.to) : undefined
  const current = await currentOf(reads, question)
  const ours = candidates.flatMap(candidateParties)
  const others = await othersOf(reads, question, current)
  const [reservations, overrides] = await Promise.all([
    environment ? reads.environments.reservations(environment.name) : [],
    environment ? overridesOf(reads, environment.name, candidates) : [],
  ])
  return {
    question,
    policy: environment?.policy === 'strict' ? 'strict' : (question.policy ?? 'as-declared'),
    pairs: pairUp(ours, others),
    missing: await findMissing(reads, candidates, [...ours, ...others]),
    reservations,
    overrides,
    back: await gatherBack(reads, question, current),
  }
}

/** What runs now in the slots that the candidates would take. */
async function currentOf({ environments }: Source, { candidates, destination }: Question): Promise<Deployment[]> {
  if (!('to' in destination)) return []
  const { to } = destination
  const found = await Promise.all(
    candidates.map(async (candidate) => {
      const running = await environments.current(to, candidate.service)
      return running.filter((one) => one.kind === 'deployment' && isInSlot(one, candidate))
    }),
  )
  return found.flat()
}

async function othersOf(
  { channels }: Source,
  { candidates, destination, atOnce }: Question,
  current: readonly Deployment[],
): Promise<Party[]> {
  const contracts = candidates.flatMap((candidate) => candidate.contracts ?? [])
  const parties = partiesOf(await findNeighbours(channels, destination, contracts))
  const isCandidate = (party: Party) =>
    candidates.some(({ service, version }) => party.service === service && party.version === version)
  // The main branch of a candidate's own service is where it comes to, and does not stand beside it.
  const isOwnHead = (party: Party) => party.is === 'head' && candidates.some(({ service }) => service === party.service)
  const others = parties.filter((party) => !isCandidate(party) && !isOwnHead(party))
  return atOnce ? others.flatMap((party) => asStopped(party, current)) : others
}

/** Of what has stopped before the candidates start, the messages stay that its streams keep. */
function asStopped(party: Party, current: readonly Deployment[]): Party[] {
  const isStopped = current.some(({ service, version }) => party.service === service && party.version === version)
  if (party.is !== 'deployed' || !isStopped) return [party]
  const { verb, keepsMs = 0 } = party.contract
  return verb === 'writes' && keepsMs > 0 ? [{ ...party, is: 'retired' }] : []
}

async function findMissing(
  { channels }: Source,
  candidates: readonly Candidate[],
  parties: readonly Party[],
): Promise<Missing[]> {
  const there = new Set(
    parties.filter(({ is }) => is !== 'retired').map(({ contract }) => `${contract.verb} ${contract.place}`),
  )
  const alone = candidates.flatMap((candidate) => {
    const needy = (candidate.contracts ?? []).filter(
      ({ verb, place, external }) =>
        !external &&
        ((verb === 'reads' && !there.has(`writes ${place}`)) || (verb === 'calls' && !there.has(`serves ${place}`))),
    )
    // an operation is missing as a whole
    const places = new Map(needy.map((contract) => [contract.place, contract]))
    return [...places.values()].map((contract) => ({ candidate, contract }))
  })
  const meetings = await channels.meetings(alone.map(({ contract }) => contract.place))
  return alone.map(({ candidate, contract }) => {
    const wanted = contract.verb === 'reads' ? 'writes' : 'serves'
    const elsewhere = meetings.filter(({ place, verb }) => place === contract.place && verb === wanted)
    return { candidate, contract, elsewhere: elsewhere.map(({ service }) => service) }
  })
}

async function overridesOf(
  { environments }: Source,
  environment: string,
  candidates: readonly Candidate[],
): Promise<Override[]> {
  const services = [...new Set(candidates.map(({ service }) => service))]
  return (await Promise.all(services.map((service) => environments.overrides(environment, service)))).flat()
}

/** Going back: what runs now meets the same others, and what the candidates have written meanwhile. */
async function gatherBack(
  reads: Source,
  question: Question,
  current: readonly Deployment[],
): Promise<Gathered['back']> {
  const { candidates, destination } = question
  const before = current.filter(
    ({ service, version }) => !candidates.some((one) => one.service === service && one.version === version),
  )
  const to = await Promise.all(
    before.map(async ({ service, version }) => ({
      service,
      version,
      contracts: await reads.services.contracts({ service, version }),
    })),
  )
  if (to.length === 0) return { to, pairs: [] }
  const others = await othersOf(reads, { candidates: to, destination, atOnce: false }, [])
  const left = candidates.flatMap(candidateParties).map((party): Party => ({ ...party, is: 'deployed' }))
  return { to, pairs: pairUp(to.flatMap(candidateParties), [...others, ...left]) }
}
