import type { Verdict } from '../../contracts/decide/verdict.ts'
import { explain } from '../../contracts/explain.ts'
import { evidenceOf } from './gate.ts'
import type { Problem, Report } from './report.ts'

type Compared = Pick<Problem, 'channel' | 'writer' | 'reader' | 'place'>

/** What a verdict that is not `compatible` tells. */
export function problemOfVerdict({ answer, findings, witness, wire, reason }: Verdict, compared: Compared): Problem {
  return {
    ...compared,
    reason: answer,
    words: [...findings.map(explain), ...(reason === undefined ? [] : [`It is not proved: ${reason}.`])],
    codes: [...new Set(findings.map(({ code }) => code))],
    ...evidenceOf({ ...(witness !== undefined && { witness }), ...(wire && { wire }) }),
  }
}

/** The report of one verdict on two schemas in files. */
export function reportOfVerdict(
  verdict: Verdict,
  { summary, writer, reader }: { readonly summary: string; readonly writer: string; readonly reader: string },
): Report {
  const compared = { channel: '', writer, reader, place: { file: writer, line: 1 } }
  const isFine = verdict.answer === 'compatible'
  return {
    command: 'check',
    answer: isFine ? 'yes' : 'no',
    summary,
    problems: isFine ? [] : [problemOfVerdict(verdict, compared)],
    passed: isFine ? [{ channel: '', writer, reader, reason: 'compatible' }] : [],
    warnings: [],
    notes: [],
  }
}
