import { explain, type Verdict } from '../../contracts/index.ts'
import { channelOf } from '../services/channel.ts'
import type { VersionName } from '../store/services.ts'
import type { Missing } from './gather.ts'
import type { Destination } from './neighbours.ts'
import type { Pair } from './pairs.ts'
import type { Candidate, Party } from './party.ts'
import type { Withdrawn } from './withdrawn.ts'

/** A version as people speak of it. */
export function nameOf({ service, version }: Pick<Party, 'service' | 'version'>): string {
  return `${service} ${version}`
}

export function placeOf(destination: Destination): string {
  return 'to' in destination ? destination.to : 'the main branches'
}

/** A finding's words, which are the same wherever it is told. */
export function wordsOf({ findings }: Verdict): string[] {
  return findings.map(explain)
}

export function tellIncompatible({ channel, writer, reader }: Pair, verdict: Verdict): string {
  const what = wordsOf(verdict).join('; ')
  return ended(`On ${channel}, ${told(reader)} does not read all that ${told(writer)} writes${what && `: ${what}`}`)
}

export function tellUnknown({ channel, writer, reader }: Pair, { reason = 'beyond-engine' }: Verdict): string {
  return `On ${channel}, nobody can prove that ${told(reader)} reads all that ${told(writer)} writes, nor that it does not (reason ${reason}).`
}

export function tellMissing({ candidate, contract, elsewhere }: Missing, destination: Destination): string {
  const [does, done] = contract.verb === 'reads' ? ['reads', 'writes'] : ['calls', 'serves']
  const place = contract.verb === 'reads' ? channelOf(contract) : contract.place
  const others =
    elsewhere.length === 0
      ? `No service has ever said that it ${done} it.`
      : `${listed(elsewhere)} ${done} it, and is not there.`
  return `${nameOf(candidate)} ${does} ${place}, and nobody at ${placeOf(destination)} ${done} it. ${others}`
}

export function tellWithdrawn({ candidate, left }: Withdrawn, destination: Destination): string {
  const { place, verb } = left.contract
  const [does, gives] = verb === 'reads' ? ['reads', 'writes'] : ['calls', 'serves']
  return `${told(left)} ${does} ${place}, and nobody at ${placeOf(destination)} ${gives} it any more once ${nameOf(candidate)} is there.`
}

export function nextForWithdrawn({ candidate, left }: Withdrawn): string {
  const { place, verb } = left.contract
  const [giving, doing] = verb === 'reads' ? ['writing', 'read'] : ['serving', 'call']
  return `Let ${candidate.service} go on ${giving} ${place}, or first deploy a version of ${left.service} that does not ${doing} it.`
}

export function tellSilent(version: VersionName, destination: Destination): string {
  return `${nameOf(version)} lives at ${placeOf(destination)} and has published no contracts, so that nothing was compared with it, though ${version.service} took part here before: publish its contracts, and ask again.`
}

export function tellUnguarded({ channel, writer, reader }: Pair): string {
  return `On ${channel}, ${told(reader)} reads what ${told(writer)} writes as long as that writes only what it declares, and no guard sees to it.`
}

/** What to do about a pair that does not fit, by whose turn it is. */
export function nextForPair({ writer, reader }: Pair, verdict: Verdict): string {
  if (verdict.answer === 'unknown')
    return verdict.reason === 'clock'
      ? 'Ask again: the time was too short to decide this.'
      : `Look at both schemas: simplify what the engine cannot judge, or let it through by name with an override.`
  if (writer.is === 'retired')
    return `Let ${reader.service} read both shapes until the messages of ${nameOf(writer)} are no longer kept.`
  if (writer.is === 'candidate')
    return `Let ${writer.service} go on writing what ${nameOf(reader)} reads, or first deploy a version of ${reader.service} that reads both.`
  return `Let ${reader.service} read what ${nameOf(writer)} writes, or first deploy a version of ${writer.service} that writes what ${reader.service} reads.`
}

export function nextForMissing({ contract, elsewhere }: Missing, destination: Destination): string {
  const outside = 'mark the contract as external where somebody outside of the registry is on the other side'
  const [first] = elsewhere
  if (first === undefined)
    return `Publish the contract of whoever ${contract.verb === 'reads' ? 'writes' : 'serves'} it, and ${outside}.`
  return `First deploy ${listed(elsewhere)} to ${placeOf(destination)}, or ${outside}.`
}

export function summarize(
  candidates: readonly Candidate[],
  destination: Destination,
  { stops, pairs }: { readonly stops: number; readonly pairs: number },
): string {
  const who = listed(candidates.map(nameOf))
  const where = placeOf(destination)
  const compared = pairs === 1 ? '1 comparison' : `${pairs} comparisons`
  if (stops > 0)
    return `No: ${who} cannot go to ${where}: ${stops} ${stops === 1 ? 'reason stops' : 'reasons stop'} it, in ${compared}.`
  return `Yes: ${who} can go to ${where}: ${pairs === 0 ? 'it meets nobody there' : `${compared}, and nothing stops it`}.`
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A question needs no full stop. */
function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`
}

const AS: { readonly [is in Party['is']]: string } = {
  candidate: 'the candidate',
  deployed: 'deployed',
  released: 'released',
  starting: 'being rolled out',
  retired: 'retired, messages kept',
  head: 'main branch',
}

function told(party: Party): string {
  const { instances, contract } = party
  const where = instances.length > 0 ? `, ${listed(instances)}` : ''
  const role = contract.verb === 'serves' ? ', server' : contract.verb === 'calls' ? ', client' : ''
  return `${nameOf(party)} (${AS[party.is]}${where}${role})`
}
