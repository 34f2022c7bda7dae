import { type Command, InvalidArgumentError } from 'commander'
import { addRegistryOptions, exampleOf, readDuration } from './options.ts'
import { printable, tableOf } from './table.ts'
import { openTokens, type PlaceOptions, type TokenTold } from './tokens/places.ts'

export function addTokens(program: Command): void {
  const tokens = program
    .command('tokens')
    .summary('make tokens, list them, and revoke them')
    .description('Who may do what: tokens with scopes, and names in client certificates that stand for them.')
    .addHelpText('after', exampleOf('concordat tokens create tally-ci --scope publish:tally --expires 90d'))
  addPlace(
    tokens
      .command('create')
      .description('make a token; it stands alone on stdout, and nobody can tell it later')
      .argument('<name>', 'whose it is, as the audit names them')
      .requiredOption('--scope <scope>', SCOPES, collect)
      .option('--expires <time>', 'how long it is good, such as 90d (else until it is revoked)', readDuration)
      .option(
        '--certificate <name>',
        'make no token: let this name in client certificates stand for one, such as cn:ci',
      ),
    'concordat tokens create tally-ci --scope publish:tally --scope deploy:staging --expires 90d',
  ).action(create)
  addPlace(tokens.command('list').description('list the tokens'), 'concordat tokens list').action(list)
  addPlace(
    tokens
      .command('revoke')
      .description('revoke a token; within 5 seconds no registry takes it any more')
      .argument('<id>', 'as list tells it', readId),
    'concordat tokens revoke abcdefgh2345',
  ).action(revoke)
}

const SCOPES =
  'what it may do: read, register:<subject>, publish:<service>, deploy:<environment>, override:<environment> or admin; a name may end in *; several times for several'

/** Adds where the tokens are kept. */
function addPlace(command: Command, example: string): Command {
  const registry = addRegistryOptions(command, example)
  return registry
    .option('--data <dir>', 'ask no registry: the folder that keeps its data, for the first token')
    .option('--database', 'ask no registry: the database that DATABASE_URL or its parts name')
}

type CreateOptions = PlaceOptions & {
  readonly scope: readonly string[]
  readonly expires?: number
  readonly certificate?: string
}

async function create(
  name: string,
  { scope, expires, certificate, ...options }: CreateOptions,
  command: Command,
): Promise<void> {
  await using tokens = await openPlace(options, command)
  const request = { name, scopes: scope, expiresInSeconds: expires, certificate }
  const made = await tokens.create(request)
  if (options.json) return console.log(JSON.stringify(made))
  const until = made.expiresAt === undefined ? 'it is revoked' : made.expiresAt
  const what = `${printable(made.name, LONG)} (id ${made.id}), for ${made.scopes.join(', ')}, good until ${until}.`
  if (made.token === undefined)
    return console.log(`Certificates with ${printable(made.certificate ?? '', LONG)} are ${what}`)
  console.log(made.token)
  console.error(`This is the token of ${what} It is shown this once.`)
}

async function list(options: PlaceOptions, command: Command): Promise<void> {
  await using tokens = await openPlace(options, command)
  const all = await tokens.list()
  if (options.json) return console.log(JSON.stringify({ tokens: all }))
  const headings = ['ID', 'NAME', 'STATE', 'CERTIFICATE', 'MADE', 'UNTIL', 'USED', 'SCOPES']
  console.log(all.length === 0 ? 'No tokens.' : tableOf(headings, all.map(cellsOf)))
}

async function revoke(id: string, options: PlaceOptions, command: Command): Promise<void> {
  await using tokens = await openPlace(options, command)
  const revoked = await tokens.revoke(id)
  console.log(options.json ? JSON.stringify(revoked) : `Revoked ${printable(revoked.name, LONG)} (id ${revoked.id}).`)
}

async function openPlace(options: PlaceOptions, command: Command) {
  const places = [options.url && '--url', options.data && '--data', options.database && '--database'].filter(Boolean)
  if (places.length > 1) command.error(`error: ${places.join(' and ')} name different places: say one of them`)
  return openTokens(options)
}

const LONG = 500

function cellsOf({ id, name, state, certificate, createdAt, expiresAt, usedAt, scopes }: TokenTold): string[] {
  const cells = [id, name, state, certificate ?? '', createdAt, expiresAt ?? '', usedAt ?? '', scopes.join(' ')]
  return cells.map((cell) => printable(cell, LONG))
}

function collect(scope: string, before: readonly string[] = []): readonly string[] {
  return [...before, scope]
}

function readId(value: string): string {
  if (/^[a-z2-7]{12}$/.test(value)) return value
  throw new InvalidArgumentError('It must be the id of a token, such as abcdefgh2345, as list tells it.')
}
