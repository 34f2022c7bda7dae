import type { Command } from 'commander'
import { Option } from 'commander'
import type { Policy, Verdict } from '../contracts/decide/verdict.ts'
import type { Sides } from '../contracts/explain-verdict.ts'
import { EXIT } from './exit.ts'
import { addRegistryOptions, policyOption, type RegistryOptions } from './options.ts'
import { wrongUsage } from './refused.ts'
import { readNamed } from './schema-source.ts'

type ExplainOptions = RegistryOptions & { readonly policy?: Policy; readonly encoding: 'json' | 'fields' }

export function addExplain(program: Command): void {
  const command = program
    .command('explain')
    .summary('the reasoning of a verdict in words')
    .description(
      "Tells in words whether a reader reads all that a writer may write: the reasons, a message that shows it, what would happen, the likely cause, and what to do. Without arguments it explains a verdict's JSON from stdin, as `concordat check --json` prints it. Exits 0 for compatible, else 3.",
    )
    .argument('[writer]', 'a file, or a subject and its version such as votes@latest')
    .argument('[reader]', 'the same')
    .addOption(policyOption('as-declared'))
    .addOption(
      new Option('--encoding <encoding>', 'what is compared: values as JSON carries them, or the entries of a stream')
        .choices(['json', 'fields'])
        .default('json'),
    )
  addRegistryOptions(
    command,
    'concordat explain votes@latest tally.json\nconcordat check --json --writer votes.json --reader tally.json | concordat explain',
  ).action(explainSchemas)
}

async function explainSchemas(
  writer: string | undefined,
  reader: string | undefined,
  options: ExplainOptions,
  command: Command,
): Promise<void> {
  if (writer !== undefined && reader === undefined) return command.error("error: missing required argument 'reader'")
  const { verdict, sides } =
    writer === undefined || reader === undefined
      ? { verdict: await readVerdict(), sides: UNNAMED }
      : await decideNamed(writer, reader, options)
  const { explainVerdict } = await import('../contracts/explain-verdict.ts')
  const lines = explainVerdict(verdict, sides)
  if (options.json) console.log(JSON.stringify({ ...sides, verdict, explanation: lines }))
  else {
    const { printable } = await import('./table.ts')
    console.log(lines.map((line) => printable(line, LONG)).join('\n'))
  }
  process.exitCode = verdict.answer === 'compatible' ? EXIT.yes : EXIT.no
}

const LONG = 10_000
const UNNAMED: Sides = { writer: 'the writer', reader: 'the reader' }

async function decideNamed(
  writer: string,
  reader: string,
  { policy = 'as-declared', encoding, ...options }: ExplainOptions,
): Promise<{ readonly verdict: Verdict; readonly sides: Sides }> {
  const [written, read] = await Promise.all([readNamed(writer, options), readNamed(reader, options)])
  const { decide } = await import('../contracts/decide/decide.ts')
  const verdict = decide(written.schema.root, read.schema.root, { policy, encoding })
  return { verdict, sides: { writer: written.name, reader: read.name } }
}

const MOST_BYTES = 16 * 1024 * 1024

async function readVerdict(): Promise<Verdict> {
  if (process.stdin.isTTY)
    throw wrongUsage('verdict.missing', 'Name a writer and a reader, or give the JSON of a verdict on stdin.')
  const { parseVerdict } = await import('./verdict-text.ts')
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MOST_BYTES)
      throw wrongUsage('verdict.unreadable', `stdin holds more than ${MOST_BYTES} bytes: no verdict is so long.`)
  }
  return parseVerdict(Buffer.concat(chunks).toString('utf8'))
}
