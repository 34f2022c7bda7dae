import type { GateAnswer, Override, Pair, Reasons, Side, Stop } from '../api/answers.ts'
import { type Compared, type Problem, parsePlace, type Report } from './report.ts'

/** Where contracts are declared that no side of a stop tells, by their channels. */
export type Origins = ReadonlyMap<string, string>

/** The report of a gate's answer. */
export function reportOfGate(command: string, answer: GateAnswer, origins: Origins = new Map()): Report {
  const { stops, overridden = [], pairs = [], warnings = [], back, next } = answer
  return {
    command,
    answer: answer.answer,
    summary: answer.summary,
    problems: stops.map((stop) => problemOf(stop, origins)),
    passed: [
      ...pairs.filter((pair) => pair.answer === 'compatible').map(compared),
      ...overridden.map((stop) => ({ ...comparedStop(stop), reason: 'overridden' })),
    ],
    warnings: [...overridden.map(overriddenWords), ...warnings.map(({ text }) => text), ...unsafeBack(back)],
    notes: back?.answer === 'safe' ? [`Going back to ${namesOf(back)} would be safe.`] : [],
    // where one thing stops, it has told what to do already
    ...(next !== undefined && stops.length !== 1 && { next }),
  }
}

/** A side of a comparison in words, such as `tally 12 (deployed)`. */
export function sideWords({ service, version, is, instances = [] }: Side): string {
  return `${service} ${version} (${[is, ...instances].join(', ')})`
}

function problemOf(stop: Stop, origins: Origins): Problem {
  const { words = [stop.text], findings = [], next, unknownReason } = stop
  const place = placeOf(stop, origins)
  return {
    ...comparedStop(stop),
    words: [...words, ...(unknownReason === undefined ? [] : [`It is not proved: ${unknownReason}.`])],
    codes: [...new Set(findings.map(({ code }) => code))],
    ...evidenceOf(stop),
    ...(next !== undefined && { next }),
    ...(place && { place }),
  }
}

/** The message that shows it, in both of its forms. */
export function evidenceOf({ witness, wire }: Partial<Reasons>): Pick<Problem, 'witness' | 'entry'> {
  return {
    ...(witness !== undefined && { witness: JSON.stringify(witness) }),
    ...(wire !== undefined && { entry: wire.map(([field, text]) => `${field} ${JSON.stringify(text)}`).join(' ') }),
  }
}

/** What is about to change can be mended here; where both sides are, the writer's contract is shown. */
function placeOf({ writer, reader, channel = '' }: Stop, origins: Origins): Problem['place'] {
  const candidates = [writer, reader].filter((side) => side?.is === 'candidate')
  const told = candidates.find((side) => side?.origin !== undefined)?.origin
  return parsePlace(told ?? origins.get(channel) ?? origins.get(`${channel}#request`))
}

function compared({ channel, writer, reader, answer }: Pair): Compared {
  return { channel, writer: sideWords(writer), reader: sideWords(reader), reason: answer }
}

function comparedStop({ channel = '', writer, reader, reason, candidates = [] }: Stop): Compared {
  // where nobody is on the other side, there is a candidate that needs somebody there
  const alone = writer || reader ? '' : candidates.map(({ service, version }) => `${service} ${version}`).join(', ')
  return { channel, writer: writer ? sideWords(writer) : '', reader: reader ? sideWords(reader) : alone, reason }
}

function overriddenWords({ override, text }: Stop & { readonly override: Override }): string {
  return `Overridden by ${override.by} until ${override.expiresAt} ("${override.reason}"): ${text}`
}

function unsafeBack(back: GateAnswer['back']): string[] {
  if (back?.answer !== 'unsafe') return []
  const [first, ...others] = (back.stops ?? []).map(({ text }) => text)
  const more = others.length === 0 ? '' : ` And ${others.length} more.`
  return [`Going back to ${namesOf(back)} would not be safe.${first === undefined ? '' : ` ${first}`}${more}`]
}

function namesOf({ to }: NonNullable<GateAnswer['back']>): string {
  return to.map(({ service, version }) => `${service} ${version}`).join(', ')
}
