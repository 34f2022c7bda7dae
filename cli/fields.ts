import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ServiceVersion } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { listPages } from './api/pages.ts'
import { addRegistryOptions, openApi, type RegistryOptions } from './options.ts'
import { printable, tableOf } from './table.ts'

type FieldsOptions = RegistryOptions & { readonly verb?: string; readonly limit: number }

/** A contract that names a field. */
type Field = ServiceVersion & {
  readonly name: string
  readonly verb: string
  readonly channel: string
  /** The place in the schema, as a JSON Pointer. */
  readonly at: string
  readonly required: boolean
  readonly environments: readonly string[]
}

export function addFields(program: Command): void {
  const command = program
    .command('fields')
    .summary('who writes, reads, serves or calls something with a field of this name')
    .description(
      'Lists the contracts that name a field, of what runs anywhere or came last: who would have to know if it changed its name or its meaning.',
    )
    .argument('<name>', 'the name of the field, as it stands in a schema')
    .addOption(
      new Option('--verb <verb>', 'only contracts of this verb').choices(['writes', 'reads', 'serves', 'calls']),
    )
    .option('--limit <number>', 'no more than so many', readLimit, 1000)
  addRegistryOptions(command, 'concordat fields option\nconcordat fields option --verb reads --json').action(tellFields)
}

async function tellFields(name: string, { verb, limit, json, ...options }: FieldsOptions): Promise<void> {
  const wanted = { path: pathTo('fields'), member: 'fields', query: { name, verb }, most: limit }
  const { entries: fields, isWhole } = await listPages<Field>(await openApi(options), wanted)
  if (json) return console.log(JSON.stringify({ fields, isWhole }))
  if (fields.length === 0)
    return console.log(
      `No contract${verb === undefined ? '' : ` that ${verb}`} names a field "${printable(name, 200)}".`,
    )
  console.log(tableOf(['SERVICE', 'VERSION', 'VERB', 'CHANNEL', 'AT', 'REQUIRED', 'RUNS IN'], fields.map(cellsOf)))
  if (!isWhole) console.error(`There are more of them: ask with a higher --limit than ${limit}.`)
}

function cellsOf({ service, version, verb, channel, at, required, environments }: Field): string[] {
  return [service, version, verb, channel, at, required ? 'yes' : 'no', environments.join(', ')].map((cell) =>
    printable(cell, 300),
  )
}

function readLimit(value: string): number {
  if (/^[1-9]\d{0,5}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999.')
}
