import { decide } from '../../contracts/decide/decide.ts'
import type { Policy, Verdict } from '../../contracts/decide/verdict.ts'
import { explain } from '../../contracts/explain.ts'
import type { CheckOptions } from '../check.ts'
import { EXIT } from '../exit.ts'
import { readSchemaFiles } from '../schema-source.ts'
import { paint, printable } from '../table.ts'

/** Compares two schemas in files, and tells the verdict. */
export async function checkFiles(writer: string, reader: string, options: CheckOptions): Promise<void> {
  const { json, policy = 'as-declared' } = options
  const [written, read] = await readSchemaFiles(writer, reader)
  const verdict = decide(written.schema.root, read.schema.root, { policy })
  process.exitCode = verdict.answer === 'compatible' ? EXIT.yes : EXIT.no
  const isPlain = options.report === undefined && options.reportFile === undefined
  if (isPlain) return console.log(json ? JSON.stringify(verdict) : tell(verdict, writer, reader))
  const [{ reportOfVerdict }, { writeReport }] = await Promise.all([
    import('../report/verdict.ts'),
    import('../report/write.ts'),
  ])
  const summary = HEADLINES[verdict.answer](writer, reader)
  await writeReport(reportOfVerdict(verdict, { summary, writer, reader }), verdict, options)
}

const HEADLINES = {
  compatible: (writer: string, reader: string) => `compatible: ${reader} reads all that ${writer} may write`,
  incompatible: (writer: string, reader: string) => `incompatible: ${reader} refuses what ${writer} may write`,
  unknown: (writer: string, reader: string) => `unknown: not proved that ${reader} reads all that ${writer} may write`,
} as const

const COLOURS = { compatible: 'green', incompatible: 'red', unknown: 'yellow' } as const

/** What the other policy would have answered. */
const ONLY_AS_DECLARED: { readonly [policy in Policy]: string } = {
  'as-declared': 'not so for a writer that also sends undeclared fields',
  strict: 'compatible when only declared fields are sent',
}

/** The verdict for people: the answer, the reasons, one message that shows it, and what to do next. */
function tell(
  { answer, findings, witness, reason, policy, onlyAsDeclared }: Verdict,
  writer: string,
  reader: string,
): string {
  const facts: [string, string | undefined][] = [
    ['message', witness === undefined ? undefined : JSON.stringify(witness)],
    ['reason', reason],
    ['policy', onlyAsDeclared ? `${policy}; ${ONLY_AS_DECLARED[policy]}` : policy],
  ]
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${paint('bold', name.padEnd(8))} ${printable(value, LONG)}`],
  )
  const head = paint(COLOURS[answer], printable(HEADLINES[answer](writer, reader), LONG))
  return [head, ...findings.map((finding) => `  ${printable(explain(finding), LONG)}`), ...lines].join('\n')
}

const LONG = 10_000
