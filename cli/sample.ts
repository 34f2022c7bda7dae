import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Samples, ValidSample, ViolatingSample } from '../contracts/decide/sample.ts'
import { EXIT } from './exit.ts'
import { addRegistryOptions } from './options.ts'
import { addSourceOptions, readSource, type SourceOptions } from './schema-source.ts'

type SampleOptions = SourceOptions & {
  readonly count: number
  readonly seed: number
  readonly edges?: true
  readonly violations?: true
  readonly bare?: true
}

export function addSample(program: Command): void {
  const command = program
    .command('sample')
    .summary('make messages for tests from a schema')
    .description(
      'Makes messages for tests from the schema of a subject or of a file: valid ones, those on the edge of what it allows, and one for each keyword that can be broken. ajv has judged each. Exits 3 where none can be made.',
    )
  addSourceOptions(command)
    .option('--count <number>', 'how many messages of the middle of the schema, each with another seed', readCount, 1)
    .option('--seed <number>', 'the first seed; the same one makes the same messages', readSeed, 0)
    .option('--edges', 'also a message on every edge')
    .addOption(
      new Option(
        '--violations',
        'in place of valid messages, one for each keyword that it breaks, and where',
      ).conflicts(['edges', 'count']),
    )
    .option('--bare', 'only the messages, one a line, as `concordat validate` reads them')
  addRegistryOptions(command, 'concordat sample --file vote.json --violations').action(makeSamples)
}

async function makeSamples(options: SampleOptions, command: Command): Promise<void> {
  const { name, schema } = await readSource(options, command)
  const [{ sample }, { showSteps }] = await Promise.all([
    import('../contracts/decide/sample.ts'),
    import('./progress.ts'),
  ])
  const show = showSteps()
  const seeds = Array.from({ length: options.violations ? 1 : options.count }, (_, i) => options.seed + i)
  const rounds = seeds.map((seed, i) => {
    show(() => `Asked with ${i} of ${seeds.length} seeds`)
    return sample(schema.root, { seed })
  })
  const [first] = rounds
  if (first === undefined) return
  const valid = options.violations
    ? []
    : distinct(rounds.flatMap((round) => round.valid)).filter((one) => isWanted(one, options))
  const violating = options.violations ? first.violating : []
  const { findings, undecided } = first
  if (options.json) console.log(JSON.stringify({ schema: name, valid, violating, findings, undecided }))
  else await print({ valid, violating, findings, undecided }, name, options.bare === true)
  process.exitCode = valid.length + violating.length > 0 ? EXIT.yes : EXIT.no
}

function isWanted({ kind }: ValidSample, { edges }: SampleOptions): boolean {
  return kind !== 'edge' || edges === true
}

/** Each message once, though several seeds made it. */
function distinct(samples: readonly ValidSample[]): ValidSample[] {
  const seen = new Set<string>()
  return samples.filter(({ kind, message }) => {
    const key = `${kind} ${JSON.stringify(message)}`
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew
  })
}

async function print({ valid, violating, findings, undecided }: Samples, name: string, isBare: boolean): Promise<void> {
  const { explain } = await import('../contracts/explain.ts')
  const { count } = await import('./progress.ts')
  const { tableOf, printable } = await import('./table.ts')
  const all = [...valid, ...violating]
  if (isBare) for (const { message } of all) console.log(JSON.stringify(message))
  else if (all.length > 0)
    console.log(
      tableOf(
        ['SAMPLE', 'AT', 'MESSAGE'],
        all.map((one) => cellsOf(one).map((cell) => printable(cell, LONG))),
      ),
    )
  for (const finding of findings) console.error(printable(`${name}: ${explain(finding)}.`, LONG))
  if (undecided > 0)
    console.error(`${count(undecided, 'question')} stayed open; each could have made one more message.`)
  if (all.length === 0) console.error(`${name}: no message could be made.`)
}

const LONG = 10_000

function cellsOf(one: ValidSample | ViolatingSample): string[] {
  const message = JSON.stringify(one.message)
  if (!('kind' in one)) return [`breaks ${one.keyword}`, place(one.at), message]
  return one.kind === 'edge' ? [`edge of ${one.keyword}`, place(one.at), message] : [one.kind, '', message]
}

function place(at: string): string {
  return at === '' ? 'the whole' : at
}

function readCount(value: string): number {
  if (/^[1-9]\d{0,2}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a number from 1 to 999.')
}

function readSeed(value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a whole number, such as 7.')
}
