import type { Finding, Json, UnknownReason, Verdict } from '../../contracts/index.ts'
import { channelOf } from '../services/channel.ts'
import type { Override } from '../store/environments.ts'
import type { VersionName } from '../store/services.ts'
import type { Gathered, Missing } from './gather.ts'
import { eachOnce } from './leaving.ts'
import type { Pair } from './pairs.ts'
import type { Candidate, Party } from './party.ts'
import { keyOfPair, type Verdicts } from './verdicts.ts'
import { type Warning, warningsOf } from './warnings.ts'
import type { Withdrawn } from './withdrawn.ts'
import * as words from './words.ts'

export type Side = VersionName & {
  readonly is: Party['is']
  readonly instances?: readonly string[]
  readonly guarded: boolean
  readonly schemaId: number
  readonly origin?: string
  readonly endedAt?: string
}

/** What came of one question. */
export type PairTold = {
  readonly channel: string
  readonly writer: Side
  readonly reader: Side
  readonly answer: Verdict['answer']
  readonly onlyAsDeclared?: true
  readonly findings: readonly Finding[]
  readonly words: readonly string[]
  readonly witness?: Json
  readonly wire?: Verdict['wire']
  readonly unknownReason?: UnknownReason
}

/** Why a candidate may not go. */
export type Stop = Partial<Omit<PairTold, 'answer' | 'onlyAsDeclared' | 'channel'>> & {
  readonly reason: 'incompatible' | 'unknown' | 'missing' | 'unpublished'
  readonly candidates: readonly VersionName[]
  readonly channel?: string
  /** The reason in whole sentences. */
  readonly text: string
  readonly next: string
}

export type Judgement = {
  readonly answer: 'yes' | 'no'
  readonly summary: string
  readonly compared: { readonly pairs: number } & { readonly [answer in Verdict['answer']]: number }
  readonly stops: readonly Stop[]
  readonly overridden: readonly (Stop & { readonly override: Override })[]
  readonly warnings: readonly Warning[]
  readonly pairs: readonly PairTold[]
  readonly back: {
    readonly answer: 'safe' | 'unsafe' | 'nothing'
    readonly to: readonly VersionName[]
    readonly stops: readonly Stop[]
  }
  readonly next: string
}

/** Pairs that one answer tells; those that stop come first. */
const MOST_TOLD = 1000

export type Judged = { readonly pair: Pair; readonly verdict: Verdict }

/** The verdicts of all pairs in two lists: those on the way there, and those on the way back. Undefined where one is not known. */
export function judge(gathered: Gathered, verdicts: Verdicts): Judgement | undefined {
  const there = withVerdicts(gathered.pairs, gathered, verdicts)
  const back = withVerdicts(gathered.back.pairs, gathered, verdicts)
  if (!there || !back) return undefined
  const { candidates, destination } = gathered.question
  const all = [
    ...unpublished(eachOnce(candidates)),
    ...gathered.missing.map((one) => missingStop(one, gathered)),
    ...gathered.withdrawn.map((one) => withdrawnStop(one, gathered)),
    ...there.flatMap(stopOf),
  ]
  const [stops, overridden] = sortOut(all, gathered.overrides)
  const counts = { stops: stops.length, pairs: there.length }
  return {
    answer: stops.length === 0 ? 'yes' : 'no',
    summary: words.summarize(eachOnce(candidates), destination, counts),
    compared: { pairs: there.length, ...countAnswers(there) },
    stops,
    overridden,
    warnings: warningsOf(gathered, there, overridden),
    pairs: there
      .toSorted((a, b) => RANK[a.verdict.answer] - RANK[b.verdict.answer])
      .slice(0, MOST_TOLD)
      .map(tellPair),
    back: judgeBack(gathered, back),
    next: nextOf(stops, gathered),
  }
}

const RANK: { readonly [answer in Verdict['answer']]: number } = { incompatible: 0, unknown: 1, compatible: 2 }

function withVerdicts(pairs: readonly Pair[], { policy }: Gathered, verdicts: Verdicts): Judged[] | undefined {
  const judged = pairs.flatMap((pair) => {
    const verdict = verdicts.get(keyOfPair(pair, policy))
    return verdict ? [{ pair, verdict }] : []
  })
  return judged.length === pairs.length ? judged : undefined
}

function unpublished(candidates: readonly Candidate[]): Stop[] {
  return candidates
    .filter(({ contracts }) => contracts === undefined)
    .map(({ service, version }) => ({
      reason: 'unpublished',
      candidates: [{ service, version }],
      text: `${service} ${version} has published no contracts, so that nothing is known of what it writes and reads.`,
      next: `Publish the contracts of ${service} ${version}, an empty list where it has none, and ask again.`,
    }))
}

function missingStop(missing: Missing, { question: { destination } }: Gathered): Stop {
  const { candidate, contract } = missing
  return {
    reason: 'missing',
    candidates: [{ service: candidate.service, version: candidate.version }],
    channel: contract.verb === 'reads' ? channelOf(contract) : contract.place,
    text: words.tellMissing(missing, destination),
    next: words.nextForMissing(missing, destination),
  }
}

function withdrawnStop(withdrawn: Withdrawn, { question: { destination } }: Gathered): Stop {
  const { candidate, left } = withdrawn
  return {
    reason: 'missing',
    candidates: [{ service: candidate.service, version: candidate.version }],
    channel: left.contract.place,
    reader: sideOf(left),
    text: words.tellWithdrawn(withdrawn, destination),
    next: words.nextForWithdrawn(withdrawn),
  }
}

function stopOf({ pair, verdict }: Judged): Stop[] {
  const { answer } = verdict
  if (answer === 'compatible') return []
  const { onlyAsDeclared: _only, answer: _answer, ...told } = tellPair({ pair, verdict })
  const candidates = [pair.writer, pair.reader].filter(({ is }) => is === 'candidate')
  return [
    {
      reason: answer,
      candidates: candidates.map(({ service, version }) => ({ service, version })),
      ...told,
      text: answer === 'unknown' ? words.tellUnknown(pair, verdict) : words.tellIncompatible(pair, verdict),
      next: words.nextForPair(pair, verdict),
    },
  ]
}

export function tellPair({ pair, verdict }: Judged): PairTold {
  const { answer, onlyAsDeclared, findings, witness, wire, reason } = verdict
  return {
    channel: pair.channel,
    writer: sideOf(pair.writer),
    reader: sideOf(pair.reader),
    answer,
    ...(onlyAsDeclared && { onlyAsDeclared }),
    findings,
    words: words.wordsOf(verdict),
    ...(witness !== undefined && { witness }),
    ...(wire && { wire }),
    ...(reason && { unknownReason: reason }),
  }
}

function sideOf({ service, version, is, instances, endedAt, contract: { guarded, origin, schemaId } }: Party): Side {
  return {
    service,
    version,
    is,
    ...(instances.length > 0 && { instances }),
    guarded,
    schemaId,
    ...(origin !== undefined && { origin }),
    ...(endedAt !== undefined && { endedAt: new Date(endedAt).toISOString() }),
  }
}

function countAnswers(judged: readonly Judged[]): { [answer in Verdict['answer']]: number } {
  const count = (answer: Verdict['answer']) => judged.filter(({ verdict }) => verdict.answer === answer).length
  return { compatible: count('compatible'), incompatible: count('incompatible'), unknown: count('unknown') }
}

/** An override is for a candidate, and for its channel where it names one. */
function sortOut(all: readonly Stop[], overrides: readonly Override[]): [Stop[], (Stop & { override: Override })[]] {
  const judged = all.map((stop) => ({ stop, override: overrides.find((one) => isFor(one, stop)) }))
  return [
    judged.flatMap(({ stop, override }) => (override ? [] : [stop])),
    judged.flatMap(({ stop, override }) => (override ? [{ ...stop, override }] : [])),
  ]
}

function isFor({ service, version, channel }: Override, stop: Stop): boolean {
  const isCandidate = stop.candidates.some(
    (candidate) => candidate.service === service && (version === undefined || candidate.version === version),
  )
  return isCandidate && (channel === undefined || channel === stop.channel || channel === stop.channel?.split('#')[0])
}

function judgeBack({ back: { to } }: Gathered, judged: readonly Judged[]): Judgement['back'] {
  const stops = [...unpublished(to), ...judged.flatMap(stopOf)]
  const answer = to.length === 0 ? 'nothing' : stops.length === 0 ? 'safe' : 'unsafe'
  return { answer, to: to.map(({ service, version }) => ({ service, version })), stops }
}

function nextOf([first, ...more]: readonly Stop[], { question: { candidates, destination } }: Gathered): string {
  if (first) return more.length === 0 ? first.next : `${first.next} Then look at the other ${more.length}.`
  if (!('to' in destination)) return 'Merge.'
  return `Deploy ${words.listed(eachOnce(candidates).map(words.nameOf))} to ${destination.to}, and record it.`
}
