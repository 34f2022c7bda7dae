import { decide } from '../../contracts/decide/decide.ts'
import type { Policy, Verdict } from '../../contracts/decide/verdict.ts'
import { explain } from '../../contracts/explain.ts'
import type { Finding } from '../../contracts/finding.ts'
import { readSchema } from '../../contracts/schema/read.ts'
import type { CheckOptions, SchemaFile } from '../check.ts'
import { EXIT } from '../exit.ts'
import { paint } from '../table.ts'

/** Compares two schemas in files, and tells the verdict. */
export async function checkFiles(writer: SchemaFile, reader: SchemaFile, options: CheckOptions): Promise<void> {
  const { json, policy = 'as-declared' } = options
  const [written, read] = [writer, reader].map(({ text }) => readSchema(text))
  const unreadable = [...atFile(writer, written?.findings), ...atFile(reader, read?.findings)]
  if (unreadable.length > 0 || !written?.schema || !read?.schema) {
    process.exitCode = EXIT.failed
    if (json) console.log(JSON.stringify({ error: 'schema.unreadable', findings: unreadable }))
    else for (const { file, ...finding } of unreadable) console.error(`${file}: ${explain(finding)}`)
    return
  }
  const verdict = decide(written.schema.root, read.schema.root, { policy })
  process.exitCode = verdict.answer === 'compatible' ? EXIT.yes : EXIT.no
  const isPlain = options.report === undefined && options.reportFile === undefined
  if (isPlain) return console.log(json ? JSON.stringify(verdict) : tell(verdict, writer.file, reader.file))
  const [{ reportOfVerdict }, { writeReport }] = await Promise.all([
    import('../report/verdict.ts'),
    import('../report/write.ts'),
  ])
  const summary = HEADLINES[verdict.answer](writer.file, reader.file)
  await writeReport(reportOfVerdict(verdict, { summary, writer: writer.file, reader: reader.file }), verdict, options)
}

function atFile({ file }: SchemaFile, findings: readonly Finding[] = []): (Finding & { file: string })[] {
  return findings.map((finding) => ({ file, ...finding }))
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
    value === undefined ? [] : [`  ${paint('bold', name.padEnd(8))} ${value}`],
  )
  const head = paint(COLOURS[answer], HEADLINES[answer](writer, reader))
  return [head, ...findings.map((finding) => `  ${explain(finding)}`), ...lines].join('\n')
}
