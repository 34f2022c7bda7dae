import { count } from '../progress.ts'
import type { Scanned } from '../scan/scan.ts'
import { type Problem, parsePlace, type Report } from './report.ts'

/** A report with what was found among messages that are already written: what is refused there stops, too. */
export function withBacklog(report: Report, scanned: readonly Scanned[]): Report {
  const refused = scanned.filter((one) => one.refused > 0)
  if (scanned.length === 0) return report
  const stops = refused.length === 0 ? '' : ` Messages that are written already stop it on ${channelsOf(refused)}.`
  return {
    ...report,
    answer: refused.length > 0 ? 'no' : report.answer,
    summary: report.summary + stops,
    problems: [...report.problems, ...refused.map(problemOf)],
    notes: [...report.notes, ...scanned.filter((one) => one.refused === 0).map(noteOf)],
  }
}

function channelsOf(scanned: readonly Scanned[]): string {
  return [...new Set(scanned.map(({ channel }) => channel))].join(', ')
}

function problemOf(scanned: Scanned): Problem {
  const { channel, service, version, looked, refused, reasons, firstId, origin } = scanned
  const place = parsePlace(origin)
  return {
    channel,
    writer: 'what is written already',
    reader: `${service} ${version} (candidate)`,
    reason: 'backlog',
    words: [
      `${refused.toLocaleString('en')} of the ${lookedWords(looked)} would be refused, the first of them ${firstId ?? ''}. ${whichWords(scanned)}`,
      ...reasons.map(({ words, messages }) => `${words} (${count(messages, 'message')})`),
    ],
    codes: [],
    next: `Let ${service} read both shapes until these messages are read: a deployment does not change them.`,
    ...(place && { place }),
  }
}

function noteOf(scanned: Scanned): string {
  const { channel, group, looked } = scanned
  if (looked === 0) return `${channel}: ${group} has nothing unread in Redis.`
  const none = `none of the ${lookedWords(looked)} would be refused`
  return `${channel}: ${none}. ${whichWords(scanned)} It is evidence, and no proof.`
}

function lookedWords(looked: number): string {
  return `${count(looked, 'message')} that ${looked === 1 ? 'was' : 'were'} looked at`
}

function whichWords({ group, hasGroup, isWhole }: Scanned): string {
  const all = hasGroup ? `what ${group} has not read` : `the stream, and ${group} is no group of it yet`
  return isWhole ? `That is all of ${all}.` : `That is a sample of ${all}.`
}
