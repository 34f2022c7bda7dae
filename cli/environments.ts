import type { Command } from 'commander'
import type { Environment, EnvironmentShown } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { addRegistryOptions, exampleOf, openApi, policyOption, type RegistryOptions } from './options.ts'
import { wrongUsage } from './refused.ts'
import { printable, tableOf } from './table.ts'

type Settings = { readonly production?: boolean; readonly policy?: string }
type SetOptions = RegistryOptions & Settings

export function addEnvironments(program: Command): void {
  const environments = program
    .command('environments')
    .summary('list, show, create and set environments')
    .description('The places where versions run: which there are, and which policy holds there.')
    .addHelpText('after', exampleOf('concordat environments create staging'))
  addRegistryOptions(
    environments.command('list').description('list the environments'),
    'concordat environments list',
  ).action(list)
  addRegistryOptions(
    environments.command('show').description('show what runs in an environment').argument('<name>', NAME),
    'concordat environments show production',
  ).action(show)
  addRegistryOptions(
    addSettings(environments.command('create').description('create an environment').argument('<name>', NAME)),
    'concordat environments create staging',
  ).action(create)
  addRegistryOptions(
    addSettings(
      environments.command('set').description('change what holds in an environment').argument('<name>', NAME),
    ),
    'concordat environments set production --policy strict',
  ).action(set)
}

const NAME = "the environment's name"

function addSettings(command: Command): Command {
  return command
    .option('--production', 'it is for users')
    .option('--no-production', 'it is for trying things')
    .addOption(policyOption('as-declared'))
}

async function list(options: RegistryOptions): Promise<void> {
  const api = await openApi(options)
  const answer = await api.get<{ readonly environments: readonly Environment[] }>(
    pathTo('environments'),
    'environments',
  )
  const rows = answer.environments.map((environment) => cellsOf(environment))
  console.log(options.json ? JSON.stringify(answer) : tableOf(['ENVIRONMENT', 'PRODUCTION', 'POLICY'], rows))
}

async function show(name: string, options: RegistryOptions): Promise<void> {
  const api = await openApi(options)
  const shown = await api.get<EnvironmentShown>(pathTo('environments', name), 'deployments')
  if (options.json) return console.log(JSON.stringify(shown))
  const rows = [
    ...shown.deployments.map((one) => ({ ...one, what: 'deployed', until: '' })),
    ...shown.releases.map((one) => ({ ...one, what: 'released', until: '' })),
    ...shown.reservations.map((one) => ({
      ...one,
      what: one.isExpired ? 'starting, expired' : 'starting',
      until: one.expiresAt,
    })),
  ].map(({ service, version, instance = '', what, startedAt, until }) =>
    [service, version, instance, what, startedAt, until].map((cell) => printable(cell, 200)),
  )
  const headings = ['SERVICE', 'VERSION', 'INSTANCE', 'IS', 'SINCE', 'UNTIL']
  console.log(rows.length === 0 ? `Nothing runs in ${printable(name, 100)}.` : tableOf(headings, rows))
}

async function create(name: string, options: SetOptions): Promise<void> {
  await put(name, options, 'There is')
}

async function set(name: string, options: SetOptions, command: Command): Promise<void> {
  if (options.production === undefined && options.policy === undefined)
    command.error('error: say what is to hold there: --policy, --production or --no-production')
  const api = await openApi(options)
  // Setting what is not there would make another environment of a slip of the pen.
  await api.get<Environment>(pathTo('environments', name), 'name')
  await put(name, options, 'Set:')
}

async function put(name: string, options: SetOptions, words: string): Promise<void> {
  const { production, policy } = options
  if (name === 'main') throw wrongUsage('name.invalid', NOT_MAIN)
  const api = await openApi(options)
  const environment = await api.put<Environment>(pathTo('environments', name), 'name', {
    ...(production !== undefined && { production }),
    ...(policy !== undefined && { policy }),
  })
  const [shown = '', isProduction = '', held = ''] = cellsOf(environment)
  const kind = isProduction === 'yes' ? 'production' : 'not production'
  console.log(options.json ? JSON.stringify(environment) : `${words} ${shown} (${kind}, ${held})`)
}

const NOT_MAIN = 'An environment cannot be named "main": --against main means the main branches.'

function cellsOf({ name, production, policy }: Environment): string[] {
  return [printable(name, 100), production ? 'yes' : 'no', policy]
}
