import { once } from 'node:events'
import { styleText } from 'node:util'
import { type Command, InvalidArgumentError } from 'commander'
import type { FastifyInstance } from 'fastify'
import { parsePort, readSettings, type Settings, WANTED_PORT } from '../registry/settings.ts'
import type { Store } from '../registry/store/store.ts'

type ServeOptions = Partial<Settings> & { readonly data: string; readonly json?: true }

/** How long requests under way may still take once the process has been told to stop. */
const GRACE_MS = 9000

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the registry until it is stopped (SIGTERM or Ctrl+C)')
    .option('--data <dir>', 'the folder that keeps its data', '.concordat')
    .option('--port <port>', 'where to listen (else PORT, else 8081; 0 takes any free port)', readPortOption)
    .option('--host <host>', 'the address to listen on (else HOST, else 127.0.0.1)')
    .option('--json', 'print one line of JSON when it listens')
    .action(serve)
}

async function serve({ data, json, ...flags }: ServeOptions): Promise<void> {
  const settings = { ...readSettings(), ...flags }
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  // Loaded here, so that the other commands start without a server.
  const [{ buildServer, listen }, { openSqliteStore }] = await Promise.all([
    import('../registry/server.ts'),
    import('../registry/store/sqlite.ts'),
  ])
  await using store: Store = await openSqliteStore(data)
  const server = buildServer({ store, logger: { level: 'warn', stream: process.stderr } })
  const url = await listen(server, settings)
  console.log(json ? JSON.stringify({ listening: url, data, pid: process.pid }) : greeting(url, data))
  await stopped
  await drain(server)
}

/** Answers what is under way, then closes; what takes longer than the grace period is cut off. */
async function drain(server: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), GRACE_MS)
  await server.close()
  clearTimeout(cut)
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
