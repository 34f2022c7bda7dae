import type { Command } from 'commander'
import { Option } from 'commander'
import type { Finding } from '../contracts/finding.ts'
import type { Json } from '../contracts/json.ts'
import type { Schema } from '../contracts/schema/read.ts'
import { EXIT } from './exit.ts'
import type { Given, GivenOptions } from './messages.ts'
import { addRegistryOptions } from './options.ts'
import { addSourceOptions, readSource, type SourceOptions } from './schema-source.ts'

type ValidateOptions = Omit<SourceOptions, 'file'> &
  GivenOptions & { readonly schema?: string; readonly wire?: 'fields' }

export function addValidate(program: Command): void {
  const command = program
    .command('validate')
    .summary('hold messages against a schema')
    .description(
      'Holds a message, or a file of them, against the schema of a subject or of a file. Exits 0 where all are valid, 3 where one is not. With --json, a line for each refused message and a last one with the counts.',
    )
    .argument('<messages>', 'JSON, or a line of JSON for each message (.ndjson); - for stdin')
  addSourceOptions(command, '--schema <file>')
    .option('--each', 'the file holds a list, and each of its items is a message')
    .option('--lines', 'each line is a message, whatever the name of the file')
    .addOption(
      new Option(
        '--wire <encoding>',
        'messages are entries of a stream: lists of names and texts, or objects of texts',
      ).choices(['fields']),
    )
  addRegistryOptions(command, 'concordat validate --subject votes votes.ndjson').action(validate)
}

async function validate(file: string, { schema, ...options }: ValidateOptions, command: Command): Promise<void> {
  const source = await readSource({ ...options, ...(schema !== undefined && { file: schema }) }, command, '--schema')
  const [judge, { messagesIn, nameOf }, output, { showSteps }] = await Promise.all([
    createJudge(source.schema, options.wire),
    import('./messages.ts'),
    createOutput(options.json === true),
    import('./progress.ts'),
  ])
  const show = showSteps()
  let [messages, refused] = [0, 0]
  for await (const given of messagesIn(file, options)) {
    messages += 1
    const findings = given.findings ?? judge(given.value)
    if (findings.length > 0) refused += 1
    if (findings.length > 0 && !output.refuse(nameOf(file), given, findings)) break
    show(() => `${messages.toLocaleString('en')} messages, ${refused.toLocaleString('en')} of them refused`)
  }
  output.end({ schema: source.name, messages, valid: messages - refused, refused })
  process.exitCode = refused === 0 ? EXIT.yes : EXIT.no
}

type Judge = (value: Json) => readonly Finding[]

const NONE: readonly Finding[] = []

async function createJudge(schema: Schema, wire: 'fields' | undefined): Promise<Judge> {
  if (wire === undefined) {
    const { compileCheck } = await import('../contracts/check/check.ts')
    const check = compileCheck(schema)
    return (value) => (check.accepts(value) ? NONE : check.findings(value))
  }
  const { compileDecode } = await import('../contracts/wire/codec.ts')
  const decode = compileDecode({ channel: 'the stream', schema, encoding: 'fields', field: 'data', headers: 'off' })
  return (value) => {
    const entry = entryOf(value)
    return entry === undefined ? NO_ENTRY : (decode(entry).findings ?? NONE)
  }
}

const NO_ENTRY: readonly Finding[] = [
  {
    code: 'value.wrong-type',
    at: '',
    reader: { pointer: '', value: 'entry of names and texts' },
  },
]

function entryOf(value: Json): readonly string[] | undefined {
  const flat: readonly unknown[] =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value).flat() : [value].flat()
  const isEntry = typeof value === 'object' && flat.length % 2 === 0
  return isEntry && flat.every((part) => typeof part === 'string') ? flat : undefined
}

type Counts = { readonly schema: string; readonly messages: number; readonly valid: number; readonly refused: number }
type Output = {
  /** Tells a refused message; false where nobody reads on. */
  readonly refuse: (file: string, given: Given, findings: readonly Finding[]) => boolean
  readonly end: (counts: Counts) => void
}

async function createOutput(isJson: boolean): Promise<Output> {
  const [{ explain }, { placeIn }, { paint, printable }, { showEnd }] = await Promise.all([
    import('../contracts/explain.ts'),
    import('./places.ts'),
    import('./table.ts'),
    import('./progress.ts'),
  ])
  let isRead = true
  process.stdout.on('error', () => {
    isRead = false
  })
  const print = (line: string): boolean => {
    // in the place of the progress
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
    process.stdout.write(`${line}\n`)
    return isRead
  }
  const place = (file: string, { line = 1, item, text }: Given, finding: Finding): string => {
    if (item !== undefined) return `${file}, item ${item}`
    const [row = '1', column = '1'] = placeIn(text, finding).split(':')
    return `${file}:${Number(row) + line - 1}:${column}`
  }
  return {
    refuse: (file, given, findings) => {
      const { line, item } = given
      if (isJson) return print(JSON.stringify({ ...(item === undefined ? { line } : { item }), findings }))
      const lines = findings.map((finding) => `${place(file, given, finding)}: ${explain(finding)}`)
      return print(lines.map((one) => printable(one, LONG)).join('\n'))
    },
    end: (counts) => {
      // nobody reads on, so not all was counted
      if (!isRead) return
      if (isJson) print(JSON.stringify(counts))
      else showEnd(paint(counts.refused === 0 ? 'green' : 'red', printable(summary(counts), LONG)))
    },
  }
}

const LONG = 2000

function summary({ schema, messages, refused }: Counts): string {
  const all = messages.toLocaleString('en')
  if (messages === 1)
    return refused === 0 ? `The message is valid for ${schema}.` : `The message is refused by ${schema}.`
  if (refused === 0) return `All ${all} messages are valid for ${schema}.`
  return `${refused.toLocaleString('en')} of ${all} messages ${refused === 1 ? 'is' : 'are'} refused by ${schema}.`
}
