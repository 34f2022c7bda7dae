import type { Policy } from '../../contracts/index.ts'
import { findEnvironment, findServiceVersion } from '../services/find.ts'
import type { Override, Reservation } from '../store/environments.ts'
import type { ContractTerms, ServiceReads, VersionName } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { eachOnce, findLeaving, type Leaving } from './leaving.ts'
import { type Destination, findNeighbours, findSilent } from './neighbours.ts'
import { type Pair, pairUp } from './pairs.ts'
import { type Candidate, candidateParties, isCandidate, type Party, partiesOf } from './party.ts'
import { findWithdrawn, type Withdrawn } from './withdrawn.ts'

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
  readonly withdrawn: readonly Withdrawn[]
  /** Versions there that have published nothing, though their services have met such contracts before. */
  readonly silent: readonly VersionName[]
  readonly reservations: readonly Reservation[]
  readonly overrides: readonly Override[]
  readonly back: { readonly to: readonly Candidate[]; readonly pairs: readonly Pair[] }
}

type Source = Pick<Reads, 'channels' | 'environments' | 'services'>

/** Gathers who meets whom, as it is now. */
export async function gather(reads: Source, question: Question): Promise<Gathered> {
  const { destination } = question
  const candidates = eachOnce(question.candidates)
  const environment = 'to' in destination ? await findEnvironment(reads, destination.to) : undefined
  const [reservations, overrides] = await Promise.all([
    environment ? reads.environments.reservations(environment.name) : [],
    environment ? overridesOf(reads, environment.name, candidates) : [],
  ])
  const leaving = await findLeaving(reads, question, reservations)
  const ours = candidates.flatMap(candidateParties)
  const [others, withdrawn, silent, back] = await Promise.all([
    othersOf(reads, question, leaving),
    findWithdrawn(reads, question, leaving),
    findOtherSilent(reads, candidates, destination),
    gatherBack(reads, question, leaving),
  ])
  const staying = others.filter((party) => !leaving.isGone(party))
  return {
    question,
    policy: environment?.policy === 'strict' ? 'strict' : (question.policy ?? 'as-declared'),
    pairs: pairUp(ours, others),
    missing: await findMissing(reads, candidates, [...ours, ...staying]),
    withdrawn,
    silent,
    reservations,
    overrides,
    back,
  }
}

async function othersOf(
  { channels }: Source,
  { candidates, destination, atOnce }: Question,
  { isGone }: Pick<Leaving, 'isGone'>,
): Promise<Party[]> {
  const contracts = candidates.flatMap((candidate) => candidate.contracts ?? [])
  const parties = partiesOf(await findNeighbours(channels, destination, contracts))
  // The main branch of a candidate's own service is where it comes to, and does not stand beside it.
  const isOwnHead = (party: Party) => party.is === 'head' && candidates.some(({ service }) => service === party.service)
  const others = parties.filter((party) => !isCandidate(candidates, party) && !isOwnHead(party))
  if (!atOnce) return others
  return others.flatMap((party) => (isGone(party) ? asRetired(party, contracts) : [party]))
}

/** Of what has stopped before the candidates start, the messages stay that its streams keep. */
function asRetired(party: Party, contracts: readonly ContractTerms[]): Party[] {
  const { verb, place, keepsMs = 0 } = party.contract
  const isRead = (one: ContractTerms) => one.verb === 'reads' && one.place === place
  const isKept = keepsMs > 0 || contracts.some((one) => isRead(one) && (one.keepsMs ?? 0) > 0)
  return verb === 'writes' && isKept ? [{ ...party, is: 'retired' }] : []
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

async function findOtherSilent(
  { channels }: Source,
  candidates: readonly Candidate[],
  destination: Destination,
): Promise<VersionName[]> {
  const contracts = candidates.flatMap((candidate) => candidate.contracts ?? [])
  const silent = await findSilent(channels, destination, contracts)
  return eachOnce(silent.filter((version) => !isCandidate(candidates, version)))
}

async function overridesOf(
  { environments }: Source,
  environment: string,
  candidates: readonly Candidate[],
): Promise<Override[]> {
  const services = [...new Set(candidates.map(({ service }) => service))]
  return (await Promise.all(services.map((service) => environments.overrides(environment, service)))).flat()
}

/**
 * Going back: what runs now meets the same others, and what the candidates have written meanwhile. One that has published
 * nothing meets nobody, and nothing is known of it.
 */
async function gatherBack(reads: Source, question: Question, { replaced }: Leaving): Promise<Gathered['back']> {
  const { candidates, destination } = question
  if (!('to' in destination)) return { to: [], pairs: [] }
  const before = replaced.filter((version) => !isCandidate(candidates, version))
  const to = await Promise.all(before.map(async (name) => readCandidate(reads.services, name)))
  if (to.length === 0) return { to, pairs: [] }
  const others = await othersOf(reads, { candidates: to, destination, atOnce: false }, { isGone: () => false })
  const left = eachOnce(candidates)
    .flatMap(candidateParties)
    .map((party): Party => ({ ...party, is: 'deployed' }))
  const beside = others.filter((party) => !isCandidate(candidates, party))
  return { to, pairs: pairUp(to.flatMap(candidateParties), [...beside, ...left]) }
}

/** A version with its contracts, as it asks whether it may go somewhere. */
export async function readCandidate(services: ServiceReads, { service, version }: VersionName): Promise<Candidate> {
  const found = await findServiceVersion(services, { service, version })
  const contracts = found.publishedAt === undefined ? undefined : await services.contracts(found)
  return { service, version: found.version, contracts }
}
