import type { Change } from '../check/compare.ts'
import { count } from '../progress.ts'
import { type Compared, type Problem, parsePlace, type Report } from './report.ts'
import { problemOfVerdict } from './verdict.ts'

/** The report of what a working copy changes in the contracts of a commit. */
export function reportOfChanges(service: string, changes: readonly Change[], ref: string): Report {
  const problems = changes.flatMap((change) => problemOf(service, change, ref))
  const isFine = problems.length === 0
  const compared = `${count(changes.length, 'contract')} compared with ${ref}`
  return {
    command: 'check',
    answer: isFine ? 'yes' : 'no',
    summary: isFine
      ? `Yes: ${service} breaks nobody who relies on ${ref}: ${compared}.`
      : `No: ${service} breaks those who rely on ${ref}: ${count(problems.length, 'reason')}, ${compared}.`,
    problems,
    passed: changes
      .filter((change) => change.verdict?.answer === 'compatible')
      .map((change) => ({ ...sidesOf(service, change, ref), reason: 'compatible' })),
    warnings: changes.flatMap((change) => warningOf(change, ref)),
    notes: changes.flatMap((change) => noteOf(change, ref)),
    ...(!isFine && {
      next: 'Keep what others rely on, or ask the registry who relies on it: concordat check --against <environment>.',
    }),
  }
}

function problemOf(service: string, change: Change, ref: string): Problem[] {
  const { verdict, change: what, direction, channel, origin } = change
  const place = parsePlace(what === 'removed' ? undefined : origin)
  const compared = { ...sidesOf(service, change, ref), ...(place && { place }) }
  if (verdict && verdict.answer !== 'compatible') return [problemOfVerdict(verdict, compared)]
  if (what !== 'removed' || verdict || !isRelied(change)) return []
  const words = [`${service} no longer ${channel.startsWith('http:') ? 'serves' : direction} ${channel}.`]
  return [{ ...compared, reason: 'removed', words, codes: [] }]
}

/** Others wait for what is written, and call what is served; what is read or called is missed by nobody. */
function isRelied({ channel, direction }: Change): boolean {
  return channel.startsWith('http:') ? channel.endsWith('#request') && direction === 'reads' : direction === 'writes'
}

function noteOf({ change, channel, verdict }: Change, ref: string): string[] {
  const isPart = channel.startsWith('http:') && !channel.endsWith('#request')
  if (change !== 'added' || verdict || isPart) return []
  return [`${channel} is new: there is nothing at ${ref} to compare it with.`]
}

function warningOf({ channel, back, verdict }: Change, ref: string): string[] {
  if (!back || back.answer === 'compatible' || verdict?.answer !== 'compatible') return []
  return [`Going back to ${ref} would not be safe on ${channel} (${back.answer}).`]
}

/** The side that relies on the commit is whoever was there; the working copy is ours. */
function sidesOf(service: string, { channel, direction, change }: Change, ref: string): Omit<Compared, 'reason'> {
  const mine = change === 'removed' ? '' : `${service} (working copy)`
  const theirs = `those who rely on ${service} at ${ref}`
  return direction === 'writes' ? { channel, writer: mine, reader: theirs } : { channel, writer: theirs, reader: mine }
}
