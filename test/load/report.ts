import type { LoadReport } from './load.ts'
import { guardsShare } from './profile.ts'

/** A report as lines for a person. */
export function linesOf({ told, account, votingMs, countingMs, torn, shares }: LoadReport): string[] {
  const { statuses, answerMs, voteMs } = told
  const rows: (readonly [string, string])[] = [
    ['votes accepted', String(account.accepted)],
    ['votes counted', String(account.counted)],
    ['accepted and not counted', String(account.acceptedNotCounted.length)],
    ['counted and not accepted', String(account.countedNotAccepted.length)],
    ['sums that differ', String(account.wrongSums.length)],
    ['entries in the stream', String(account.entries)],
    ['201 that were not true', String(account.untrueAnswers.length)],
    ['dead letters', String(account.parked)],
    ['transactions torn by a kill', String(torn)],
    ...[...statuses].map(([status, count]) => [`answers: ${status}`, String(count)] as const),
    ['answers that nobody should get', String(account.wrongAnswers.length)],
    ['votes accepted a second', (account.accepted / (votingMs / 1000)).toFixed(0)],
    ['answers 201, p50 and p99', quantiles(answerMs)],
    ['from the first try to 201', quantiles(voteMs)],
    ['the last vote counted after', `${(countingMs / 1000).toFixed(1)} s`],
    ["vote API's CPU", `${(shares.busyMs / 1000).toFixed(1)} s in ${(votingMs / 1000).toFixed(1)} s`],
    ["Concordat's share of it", `${percent(guardsShare(shares))} (goal: under 10 %)`],
    ...Object.entries(shares.concordat).map(([part, share]) => [`  ${part}`, percent(share)] as const),
    ...Object.entries(shares.others)
      .slice(0, 8)
      .map(([owner, share]) => [`other: ${owner}`, percent(share)] as const),
  ]
  return rows.map(([what, figure]) => `${what.padEnd(34)} ${figure}`)
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1)} ms`
  return `${at(0.5)}, ${at(0.99)}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
