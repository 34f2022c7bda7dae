import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { Schema } from '../contracts/schema/read.ts'
import type { RegistryOptions } from './options.ts'
import { Refused, wrongUsage } from './refused.ts'
import { unreadableSchema } from './unreadable-schema.ts'

/** A schema, and how people call it. */
export type Source = { readonly name: string; readonly schema: Schema }

/** What a command takes that works with one schema. */
export type SourceOptions = RegistryOptions & {
  readonly subject?: string
  readonly version?: VersionWish
  readonly file?: string
}
export type VersionWish = number | 'latest'

/** Adds the options that name the one schema of a command; `fileOption` is what its file is called. */
export function addSourceOptions(command: Command, fileOption = '--file <file>'): Command {
  return command
    .option('--subject <name>', 'a subject of the registry')
    .option('--version <version>', "the subject's version", readVersionOption, 'latest')
    .option(fileOption, 'a JSON Schema in a file, in place of a subject')
}

/** Reads the schema that the options name: a subject's, or a file's. */
export async function readSource(
  { subject, version = 'latest', file, ...options }: SourceOptions,
  command: Command,
  fileOption = '--file',
): Promise<Source> {
  if ((subject === undefined) === (file === undefined))
    return command.error(`error: name one schema: --subject <name> or ${fileOption} <file>`)
  if (file === undefined) return readSubject(options, subject ?? '', version)
  if (command.getOptionValueSource('version') === 'cli')
    return command.error(`error: --version is a subject's, and ${fileOption} names a file`)
  return readSchemaFile(file)
}

/** Reads what an argument names: a file, or a subject's version such as `votes@3` or `votes@latest`. */
export async function readNamed(named: string, options: RegistryOptions): Promise<Source> {
  const { existsSync } = await import('node:fs')
  if (existsSync(named)) return readSchemaFile(named)
  const [, subject, version] = /^(.+)@(latest|[1-9]\d{0,9})$/s.exec(named) ?? []
  if (subject !== undefined && version !== undefined)
    return readSubject(options, subject, version === 'latest' ? version : Number(version))
  const shown = JSON.stringify(named)
  throw wrongUsage(
    'source.unknown',
    `${shown} is no file that is there. Name a file, or a subject's version such as ${JSON.stringify(`${named}@latest`)}.`,
  )
}

/** Reads a schema from a file; what is wrong with it is refused with its line and column. */
export async function readSchemaFile(file: string): Promise<Source> {
  const text = await readText(file)
  const { readSchema } = await import('../contracts/schema/read.ts')
  const { schema, findings } = readSchema(text)
  if (findings) throw await unreadableSchema(file, text, findings)
  return { name: file, schema }
}

/** Reads two schemas from files; what is wrong with both of them is refused together. */
export async function readSchemaFiles(one: string, other: string): Promise<readonly [Source, Source]> {
  const [first, second] = await Promise.allSettled([readSchemaFile(one), readSchemaFile(other)])
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value]
  throw together([first, second].flatMap((read): unknown[] => (read.status === 'rejected' ? [read.reason] : [])))
}

function together(reasons: readonly unknown[]): unknown {
  const refused = reasons.filter((reason) => reason instanceof Refused)
  const [first] = refused
  if (first === undefined || refused.length < reasons.length) return reasons[0]
  const findings = refused.flatMap(({ details }) => ('findings' in details ? details.findings : []))
  return wrongUsage(first.code, refused.map(({ message }) => message).join('\n'), {
    details: { findings },
    cause: first,
  })
}

/** The text of a file in UTF-8, without the mark that some editors put before it. */
export async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw notReadable(file, error)
  })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw wrongUsage('file.unreadable', `${file} is not text in UTF-8.`, { cause: error })
  }
}

/** A file that cannot be opened or read. */
export function notReadable(file: string, error: unknown): Refused {
  const reason = error instanceof Error ? error.message : String(error)
  return wrongUsage('file.unreadable', `${file} cannot be read (${reason}).`, { cause: error })
}

async function readSubject(options: RegistryOptions, subject: string, version: VersionWish): Promise<Source> {
  const [{ openApi }, { readRegistered }] = await Promise.all([
    import('./options.ts'),
    import('./api/registered-schema.ts'),
  ])
  return readRegistered(await openApi(options), subject, version)
}

function readVersionOption(value: string): VersionWish {
  if (value === 'latest') return value
  if (/^[1-9]\d{0,9}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a number such as 3, or "latest".')
}
