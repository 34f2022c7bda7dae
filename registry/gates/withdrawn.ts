import type { Verb } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import type { Question } from './gather.ts'
import { eachOnce, type Leaving } from './leaving.ts'
import { findLiving } from './neighbours.ts'
import { type Candidate, isCandidate, type Party, partiesOf } from './party.ts'

/** Somebody who reads or calls what nobody writes or serves any more once the candidate is there. */
export type Withdrawn = { readonly candidate: Candidate; readonly left: Party }

type Source = Pick<Reads, 'channels' | 'services'>
/** A place of which a candidate says nothing, though what runs of its service writes or serves there. */
type Given = { readonly candidate: Candidate; readonly place: string; readonly verb: Verb }

export async function findWithdrawn(reads: Source, question: Question, leaving: Leaving): Promise<Withdrawn[]> {
  const given = await findGiven(reads, question, leaving)
  const isWritten = await findWriters(reads, question, { given, leaving })
  const lost = given.filter(({ place }) => !isWritten(place))
  const left = await findLeft(reads, question, { lost, leaving })
  return lost.flatMap(({ candidate, place }) =>
    left.filter(({ contract }) => contract.place === place).map((party) => ({ candidate, left: party })),
  )
}

/** A call may come to any slot of its service; what is written comes from the slot that the candidate takes. */
async function findGiven({ services }: Source, question: Question, leaving: Leaving): Promise<Given[]> {
  const candidates = eachOnce(question.candidates)
  const older = leaving.deployed.filter((version) => !isCandidate(candidates, version))
  const contracts = (await Promise.all(older.map((version) => services.contracts(version)))).flat()
  return candidates.flatMap((candidate) => {
    if (candidate.contracts === undefined) return []
    const given = contracts.filter(
      (one) =>
        one.service === candidate.service &&
        (one.verb === 'serves' || (one.verb === 'writes' && isAmong(leaving.replaced, one))),
    )
    const lost = given.filter(
      ({ place, verb }) => !(verb === 'serves' ? [candidate] : candidates).some((one) => takesPart(one, place, verb)),
    )
    return [...new Map(lost.map(({ place, verb }) => [place, { candidate, place, verb }])).values()]
  })
}

function isAmong(versions: Leaving['replaced'], { service, version }: Leaving['replaced'][number]): boolean {
  return versions.some((one) => one.service === service && one.version === version)
}

function takesPart({ contracts = [] }: Candidate, place: string, verb: Verb): boolean {
  return contracts.some((one) => one.place === place && one.verb === verb)
}

type WithGiven = { readonly given: readonly Given[]; readonly leaving: Leaving }

/** Whether somebody stays who writes a stream. */
async function findWriters(
  { channels }: Source,
  { destination }: Question,
  { given, leaving }: WithGiven,
): Promise<(place: string) => boolean> {
  const written = given.filter(({ verb }) => verb === 'writes').map(({ place }) => place)
  const writers = await findLiving(channels, destination, { verb: 'writes', places: written })
  const staying = new Set(writers.filter((writer) => !leaving.isGone(writer)).map(({ place }) => place))
  return (place) => staying.has(place)
}

type WithLost = { readonly lost: readonly Given[]; readonly leaving: Leaving }

/** Candidates need somebody themselves, and are asked about elsewhere. */
async function findLeft(
  { channels }: Source,
  { candidates, destination, atOnce }: Question,
  { lost, leaving }: WithLost,
): Promise<Party[]> {
  const living = await Promise.all(
    (['reads', 'calls'] as const).map((verb) => {
      const places = lost.filter((one) => (one.verb === 'writes') === (verb === 'reads')).map(({ place }) => place)
      return findLiving(channels, destination, { verb, places })
    }),
  )
  // An old reader may wait until it is replaced; an old client calls in vain.
  const isWaiting = ({ is, contract, ...name }: Party) =>
    leaving.isGone(name) && (contract.verb === 'reads' || atOnce || is === 'head')
  const needy = partiesOf(living.flat()).filter(
    (party) => !party.contract.external && !isCandidate(candidates, party) && !isWaiting(party),
  )
  return [...new Map(needy.map((party) => [keyOf(party), party])).values()]
}

/** An operation is missed as a whole. */
function keyOf({ service, version, contract }: Party): string {
  return JSON.stringify([service, version, contract.place])
}
