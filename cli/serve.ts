import { styleText } from 'node:util'
import { type Command, InvalidArgumentError } from 'commander'
import type { FastifyInstance } from 'fastify'
import { gatherLines } from '../registry/operations/gathered-lines.ts'
import type { RedisConnection } from '../registry/redis.ts'
import { checkServing } from '../registry/serving.ts'
import { parsePort, readSettings, type SettingFlags, type Settings, WANTED_PORT } from '../registry/settings.ts'
import type { Store } from '../registry/store/store.ts'
import type { TlsHandle, TlsOptions } from '../registry/tls/tls.ts'
import { EXIT } from './exit.ts'
import { exampleOf } from './options.ts'
import { openStore, refuseBoth } from './store.ts'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** npm passes on a Ctrl+C that the terminal has sent to everyone: what comes so soon is the same one. */
const ECHO_MS = 100

type ServeFlags = SettingFlags & { readonly data: string; readonly json?: true }

/** What has been opened. */
type Running = { readonly store: Store; readonly redis: RedisConnection | undefined; readonly server: FastifyInstance }

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the registry until it is stopped (SIGTERM or Ctrl+C)')
    .option('--data <dir>', 'the folder that keeps its data, unless DATABASE_URL or its parts are set', '.concordat')
    .option('--port <port>', 'where to listen (else PORT, else 8081; 0 takes any free port)', readPortOption)
    .option('--host <host>', 'the address to listen on (else HOST, else 127.0.0.1)')
    .option('--json', 'print one line of JSON when it listens')
    .addHelpText('after', exampleOf('concordat serve --data .concordat --port 8081'))
    .action(serve)
}

async function serve({ data, json, ...flags }: ServeFlags, command: Command): Promise<void> {
  const settings = readSettings(undefined, flags)
  refuseBoth(settings, command)
  const warnings = checkServing(settings)
  // Nobody is being served yet: there is nothing to wait for.
  using starting = whenTold(() => process.exit(EXIT.yes))
  // Loaded here, so that the other commands start without a server.
  const { buildServer, listen } = await import('../registry/server.ts')
  using tls = await openTlsIfSet(settings, { log: () => server.log })
  await using store = await openStore(settings, data)
  await using redis = await openRedisIfSet(settings, (error) => server.log.warn(error, 'Redis does not answer'))
  // Built in the turn in which Redis was opened: its errors come later, and find the log.
  const server = buildServer({ ...optionsFor(settings), store, redis, tls })
  for (const warning of warnings) server.log.warn(warning)
  await redis?.settled
  if (await isWithoutTokens(settings, store)) server.log.warn(FIRST_TOKEN)
  const url = await listen(server, settings)
  const place = settings.database ? withoutSecrets(settings.database.url) : data
  console.log(json ? JSON.stringify({ listening: url, data: place, pid: process.pid }) : greeting(url, place))
  // In this order: a signal that came while nobody listened would be lost.
  const told = toldToStop()
  using _rereading = whenTold(() => void tls?.reread(), tls ? ['SIGHUP'] : [])
  starting[Symbol.dispose]()
  await told
  await stop({ store, redis, server }, settings.graceMs)
}

const FIRST_TOKEN =
  'Tokens are wanted, and there is none: make the first with "concordat tokens create <name> --scope admin", and --data <dir> or --database beside it, or set ADMIN_TOKEN.'

async function isWithoutTokens({ access }: Settings, { credentials }: Store): Promise<boolean> {
  return access.mode === 'tokens' && access.adminToken === undefined && (await credentials.countGood()) === 0
}

/** What the settings say of the server itself. */
function optionsFor({ access, corsOrigins, trustProxy, rates, mostInFlight, logLevel }: Settings) {
  const logger = { level: logLevel, stream: gatherLines(process.stderr) }
  return { access: { ...access, corsOrigins }, corsOrigins, trustProxy, rates, mostInFlight, logger }
}

async function openTlsIfSet({ tls }: Settings, options: TlsOptions): Promise<TlsHandle | undefined> {
  if (tls === undefined) return undefined
  const { openTls } = await import('../registry/tls/tls.ts')
  return openTls(tls, options)
}

/** Acts whenever the process is told to stop, or what the signals say, until what it answers is disposed of. */
function whenTold(act: () => void, signals: readonly NodeJS.Signals[] = SIGNALS): Disposable {
  for (const signal of signals) process.on(signal, act)
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, act)
    },
  }
}

/** Resolves when the process is told to stop; being told once more ends it at once. */
async function toldToStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  using _once = whenTold(resolve)
  await promise
  const toldAt = performance.now()
  whenTold(() => performance.now() - toldAt > ECHO_MS && process.exit(EXIT.failed))
}

async function openRedisIfSet(
  { redis }: Settings,
  onLost: (error: Error) => void,
): Promise<RedisConnection | undefined> {
  if (redis === undefined) return undefined
  const { openRedis } = await import('../registry/redis.ts')
  return openRedis(redis.url, { onLost })
}

/** Answers what is under way, then closes all; what is not done after the grace period is cut off. */
async function stop({ store, redis, server }: Running, graceMs: number): Promise<void> {
  let closing = 'requests under way'
  const cut = setTimeout(() => {
    console.error(`Stopping took longer than ${graceMs} ms: it was cut off while it waited for ${closing}.`)
    process.exit(EXIT.yes)
  }, graceMs)
  try {
    await server.close()
    closing = 'Redis'
    await redis?.close()
    closing = 'the database'
    await store.close()
  } finally {
    // It stays for what may still hold the process.
    closing = 'connections to end'
    cut.unref()
  }
}

function withoutSecrets(address: string): string {
  const url = new URL(address)
  url.password = ''
  // There may be one among the parameters too.
  url.search = ''
  return url.href
}

function readPortOption(value: string): number {
  const port = parsePort(value)
  if (port === undefined) throw new InvalidArgumentError(`It must be ${WANTED_PORT}.`)
  return port
}

function greeting(url: string, data: string): string {
  const subject = `${url}/subjects/votes/versions`
  const body = JSON.stringify({ schemaType: 'JSON', schema: JSON.stringify(EXAMPLE) })
  return [
    `Concordat listens on ${paint('green', url)} and keeps its data in ${data}`,
    '',
    'Try next:',
    `  ${paint('bold', 'register a schema')}   curl -s ${subject} -H 'Content-Type: application/json' -d '${body}'`,
    `  ${paint('bold', 'read it back')}        curl -s ${subject}/latest`,
    '',
    'Ctrl+C stops it.',
  ].join('\n')
}

const EXAMPLE = { type: 'object', properties: { option: { enum: ['cats', 'dogs'] } }, required: ['option'] }

function paint(style: 'green' | 'bold', text: string): string {
  return styleText(style, text, { stream: process.stdout })
}
