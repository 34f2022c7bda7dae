import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { decide, explain, type Finding, type Policy, readSchema, type Verdict } from '../contracts/index.ts'
import { EXIT } from './exit.ts'

type SchemaFile = { readonly file: string; readonly text: string }
type CheckOptions = {
  readonly writer: SchemaFile
  readonly reader: SchemaFile
  readonly policy: Policy
  readonly json?: true
}

export function addCheck(program: Command): void {
  program
    .command('check')
    .description('is all that a writer may write fit for a reader? Exits 0 for yes, 3 for no or unknown')
    .requiredOption('--writer <file>', 'the JSON Schema of what is written', readFile)
    .requiredOption('--reader <file>', 'the JSON Schema of what is read', readFile)
    .addOption(
      new Option('--policy <policy>', 'strict: all that the schema allows; as-declared: only declared fields are sent')
        .choices(['as-declared', 'strict'])
        .default('as-declared'),
    )
    .option('--json', 'print the verdict as one line of JSON')
    .action(check)
}

function check({ writer, reader, policy, json }: CheckOptions): void {
  const [written, read] = [writer, reader].map(({ text }) => readSchema(text))
  const unreadable = [...atFile(writer, written?.findings), ...atFile(reader, read?.findings)]
  if (unreadable.length > 0 || !written?.schema || !read?.schema) {
    process.exitCode = EXIT.failed
    if (json) console.log(JSON.stringify({ error: 'schema.unreadable', findings: unreadable }))
    else for (const { file, ...finding } of unreadable) console.error(`${file}: ${explain(finding)}`)
    return
  }
  const verdict = decide(written.schema.root, read.schema.root, { policy })
  console.log(json ? JSON.stringify(verdict) : tell(verdict, writer.file, reader.file))
  process.exitCode = verdict.answer === 'compatible' ? EXIT.yes : EXIT.no
}

function atFile({ file }: SchemaFile, findings: readonly Finding[] = []): (Finding & { file: string })[] {
  return findings.map((finding) => ({ file, ...finding }))
}

const HEADLINES = {
  compatible: (writer: string, reader: string) =>
    paint('green', `compatible: ${reader} reads all that ${writer} may write`),
  incompatible: (writer: string, reader: string) =>
    paint('red', `incompatible: ${reader} refuses what ${writer} may write`),
  unknown: (writer: string, reader: string) =>
    paint('yellow', `unknown: not proved that ${reader} reads all that ${writer} may write`),
} as const

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
  return [HEADLINES[answer](writer, reader), ...findings.map((finding) => `  ${explain(finding)}`), ...lines].join('\n')
}

function readFile(file: string): SchemaFile {
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch (error) {
    throw new InvalidArgumentError(`It cannot be read: ${(error as Error).message}.`)
  }
}

function paint(style: 'green' | 'red' | 'yellow' | 'bold', text: string): string {
  return styleText(style, text, { stream: process.stdout })
}
