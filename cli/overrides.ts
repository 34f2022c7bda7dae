import { type Command, InvalidArgumentError } from 'commander'
import type { Override } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { listPages } from './api/pages.ts'
import { addRegistryOptions, exampleOf, openApi, type RegistryOptions, readDuration } from './options.ts'
import { printable, tableOf } from './table.ts'

export function addOverrides(program: Command): void {
  const overrides = program
    .command('overrides')
    .summary('wave a stop through for a time, list what is waved through, and end it')
    .description('What can-i-deploy would stop, and somebody has waved through, by name, with a reason and an end.')
    .addHelpText('after', exampleOf('concordat overrides list --to production'))
  addRegistryOptions(
    overrides
      .command('add')
      .description('wave through what stops a version or a channel in an environment, for a time')
      .requiredOption('--service <name>', 'the service that is to be deployed')
      .option('--version <version>', 'only this version of it')
      .option('--channel <channel>', 'only what stops it there, such as stream:votes')
      .requiredOption('--to <environment>', 'the environment')
      .requiredOption('--reason <text>', 'why it may pass')
      .requiredOption('--by <name>', 'who says so')
      .requiredOption('--expires <time>', 'how long it holds, such as 2h or 7d', readDuration),
    'concordat overrides add --service vote-api --version 1.4.0 --to production --reason "tally ignores it until Monday" --by ann --expires 3d',
  ).action(add)
  addRegistryOptions(
    overrides
      .command('list')
      .description('list the overrides that hold')
      .option('--to <environment>', 'only those in this environment')
      .option('--service <name>', 'only those for this service')
      .option('--all', 'those that have ended as well'),
    'concordat overrides list --to production',
  ).action(list)
  addRegistryOptions(
    overrides
      .command('end')
      .description('end an override now; it stays recorded')
      .argument('<id>', 'as list tells it', readId),
    'concordat overrides end 7',
  ).action(end)
}

type AddOptions = RegistryOptions & {
  readonly service: string
  readonly version?: string
  readonly channel?: string
  readonly to: string
  readonly reason: string
  readonly by: string
  readonly expires: number
}

async function add(
  { service, version, channel, to, reason, by, expires, ...options }: AddOptions,
  command: Command,
): Promise<void> {
  if (version === undefined && channel === undefined)
    command.error('error: say what may pass: --version, --channel, or both')
  const api = await openApi(options)
  const body = { service, version, channel, environment: to, reason, by, expiresInSeconds: expires }
  const override = await api.post<Override>(pathTo('overrides'), 'id', body, { isIdempotent: true })
  console.log(options.json ? JSON.stringify(override) : `Override ${override.id} holds until ${override.expiresAt}.`)
}

type ListOptions = RegistryOptions & { readonly to?: string; readonly service?: string; readonly all?: true }

async function list({ to, service, all, ...options }: ListOptions): Promise<void> {
  const api = await openApi(options)
  const query = { environment: to, service, all: all && 'true' }
  const { entries: overrides } = await listPages<Override>(api, {
    path: pathTo('overrides'),
    member: 'overrides',
    query,
  })
  if (options.json) return console.log(JSON.stringify({ overrides }))
  const headings = ['ID', 'SERVICE', 'VERSION', 'CHANNEL', 'ENVIRONMENT', 'BY', 'UNTIL', 'REASON']
  console.log(overrides.length === 0 ? 'No overrides.' : tableOf(headings, overrides.map(cellsOf)))
}

async function end(id: string, options: RegistryOptions): Promise<void> {
  const api = await openApi(options)
  const override = await api.remove<Override>(pathTo('overrides', id), 'id')
  console.log(options.json ? JSON.stringify(override) : `Override ${printable(id, 50)} has ended.`)
}

function cellsOf({ id, service, version, channel, environment, by, expiresAt, endedAt, reason }: Override): string[] {
  const until = endedAt === undefined ? expiresAt : `${endedAt} (ended)`
  return [String(id), service ?? '', version ?? '', channel ?? '', environment, by, until, reason].map((cell) =>
    printable(cell, 200),
  )
}

function readId(value: string): string {
  if (/^[1-9]\d{0,15}$/.test(value)) return value
  throw new InvalidArgumentError('It must be the number of an override, such as 7, as list tells it.')
}
