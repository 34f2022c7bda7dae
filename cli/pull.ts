import { readFile, writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { WrittenSchema } from './api/answers.ts'
import { pathTo } from './api/client.ts'
import { addRegistryOptions, openApi, type RegistryOptions } from './options.ts'
import { Refused, wrongUsage } from './refused.ts'

type PullOptions = RegistryOptions & {
  readonly environment?: string
  readonly bus?: string
  readonly out?: string
  readonly check?: true
}

export function addPull(program: Command): void {
  const command = program
    .command('pull')
    .summary('write what is written to a stream as a TypeScript module')
    .description(
      'Writes a module that exports the contract of all that is written to a stream. A reader declares what it reads of it with reads(…): a field that no writer writes, or writes otherwise, does not compile.',
    )
    .argument('<stream>', 'the key of the stream in Redis')
    .option('--bus <name>', 'the Redis deployment that has it (else the default one)')
    .option('--environment <name>', 'what is written there (else by the latest version of each writer)')
    .option('--out <file>', 'the file to write; "-" is stdout (else <stream>.written.ts)')
    .option('--check', 'write nothing; exit 3 unless the file says just that')
  addRegistryOptions(
    command,
    'concordat pull votes\nconcordat pull votes --environment production --out src/votes.written.ts',
  ).action(pull)
}

async function pull(stream: string, pulled: PullOptions, command: Command): Promise<void> {
  const { bus, environment, out, check, json, ...options } = pulled
  if (check && out === '-') command.error('error: --check looks at a file, and --out - names none')
  const [, otherBus, key] = /^([^/]+)\/([^/]+)$/.exec(stream) ?? []
  if (otherBus !== undefined)
    command.error(`error: "${stream}" names a bus, too: say "concordat pull ${key} --bus ${otherBus}"`)
  const channel = bus === undefined ? `stream:${stream}` : `stream:${bus}/${stream}`
  const api = await openApi(options)
  const path = pathTo('channels', channel, 'schemas')
  const { schemas } = await api.get<{ readonly schemas: readonly WrittenSchema[] }>(path, 'schemas', {
    verb: 'writes',
    environment,
  })
  if (schemas.length === 0) throw nobodyWrites(channel, environment)
  const { writtenModule, fileNameFor } = await import('./pull/module.ts')
  const module = await writtenModule({ stream, bus, environment }, schemas)
  const file = out ?? fileNameFor(stream)
  if (file === '-') return console.log(json ? JSON.stringify({ channel, text: module }) : module.trimEnd())
  if (check) await refuseOther(file, module, commandFor(stream, pulled))
  else await write(file, module)
  const writers = schemas.flatMap(({ versions }) => versions)
  if (json) console.log(JSON.stringify({ channel, file, writers }))
  else
    console.log(check ? `${file} says what is written to ${channel}.` : `Wrote ${file}: what is written to ${channel}.`)
}

function nobodyWrites(channel: string, environment: string | undefined): Refused {
  const where = environment === undefined ? '' : ` in ${environment}`
  const next = 'let the service that writes it publish its contracts first'
  return new Refused(
    'no',
    'channel.unwritten',
    `Nobody writes ${channel}${where}, as far as the registry knows: ${next}.`,
  )
}

/** What brings a file up to date. */
function commandFor(stream: string, { bus, environment, out }: PullOptions): string {
  const flags = Object.entries({ bus, environment, out }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  )
  return ['concordat pull', stream, ...flags].join(' ')
}

async function refuseOther(file: string, module: string, again: string): Promise<void> {
  const there = await readFile(file, 'utf8').catch(() => undefined)
  // git may have given the lines the ends of Windows
  if (there?.replaceAll('\r\n', '\n') === module) return
  const what = there === undefined ? 'is not there' : 'says something else than the registry'
  throw new Refused('no', 'pull.stale', `${file} ${what}: run "${again}" and commit what it writes.`)
}

async function write(file: string, module: string): Promise<void> {
  await writeFile(file, module).catch((error: Error) => {
    throw wrongUsage('pull.not-writable', `${file} cannot be written (${error.message}): name another with --out.`, {
      cause: error,
    })
  })
}
