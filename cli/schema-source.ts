import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { Finding } from '../contracts/finding.ts'
import type { JsonSchema } from '../contracts/schema/keywords.ts'
import type { Schema, SchemaRead } from '../contracts/schema/read.ts'
import type { RegisteredVersion, RegistryClient } from '../registry/client.ts'
import type { RegistryOptions } from './options.ts'
import { Refused, wrongUsage } from './refused.ts'

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
  if (file === undefined) return readVersion(options, subject ?? '', version)
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
    return readVersion(options, subject, version === 'latest' ? version : Number(version))
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
  if (findings) throw await unreadable(file, text, findings)
  return { name: file, schema }
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

async function unreadable(name: string, text: string, findings: readonly Finding[]): Promise<Refused> {
  const [{ explain }, { placeIn }, { printable }] = await Promise.all([
    import('../contracts/explain.ts'),
    import('./places.ts'),
    import('./table.ts'),
  ])
  const told = findings.map((finding) => ({ place: `${name}:${placeIn(text, finding)}`, ...finding }))
  const lines = told.map(({ place, ...finding }) => printable(`${place}: ${explain(finding)}.`, LONG))
  return wrongUsage('schema.unreadable', lines.join('\n'), { details: { findings: told } })
}

const LONG = 2000

async function readVersion(options: RegistryOptions, subject: string, version: VersionWish): Promise<Source> {
  const { readCliSettings } = await import('./settings.ts')
  const { createRegistryClient } = await import('../registry/client.ts')
  const url = options.url ?? readCliSettings().url
  const client = createRegistryClient(url, { timeoutMs: options.timeout * 1000 })
  const found = await client.version(subject, version).catch(async (error: unknown) => {
    throw await notFound(error, client, subject, version)
  })
  const name = `${subject}@${found.version}`
  const { readSchema } = await import('../contracts/schema/read.ts')
  const alone = readSchema(found.schema)
  const leadsOut = alone.findings?.some(({ code }) => code === 'ref.unresolved') === true
  const { schema, findings } = leadsOut ? await readBundled(found, options) : alone
  if (findings) throw await unreadable(name, found.schema, findings)
  return { name, schema }
}

/** The schema together with the other subjects' that it refers to. */
async function readBundled(found: RegisteredVersion, options: RegistryOptions): Promise<SchemaRead> {
  const [{ openApi }, { documentsOf }, { bundle }, { readSchema }] = await Promise.all([
    import('./options.ts'),
    import('./references.ts'),
    import('../contracts/schema/bundle.ts'),
    import('../contracts/schema/read.ts'),
  ])
  const documents = await documentsOf(await openApi(options), found)
  return readSchema(bundle(JSON.parse(found.schema) as JsonSchema, documents))
}

const SUBJECT_UNKNOWN = 40_401
const VERSION_UNKNOWN = 40_402

/** Of what is not there, what is there instead. */
async function notFound(
  error: unknown,
  client: RegistryClient,
  subject: string,
  version: VersionWish,
): Promise<unknown> {
  const { RegistryError, RegistryRefusal } = await import('../registry/errors.ts')
  if (!(error instanceof RegistryError)) return error
  if (!(error instanceof RegistryRefusal)) return new Refused('failed', error.code, error.message, { cause: error })
  const { printable } = await import('./table.ts')
  if (error.errorCode === VERSION_UNKNOWN) {
    const versions = await client.versions(subject)
    const there = versions.length > MOST_TOLD ? `its latest is ${versions.at(-1)}` : `it has ${versions.join(', ')}`
    const sentence = `Subject ${JSON.stringify(subject)} has no version ${version}; ${there}.`
    return wrongUsage('version.unknown', printable(sentence, LONG))
  }
  if (error.errorCode !== SUBJECT_UNKNOWN)
    return new Refused(exitFor(error.status), 'registry.refused', printable(error.message, LONG), { cause: error })
  const near = nearest(subject, await client.subjects())
  const hint = near.length === 0 ? '' : ` Did you mean ${near.map((name) => JSON.stringify(name)).join(' or ')}?`
  const sentence = `The registry has no subject ${JSON.stringify(subject)}.${hint}`
  return wrongUsage('subject.unknown', printable(sentence, LONG), { details: { near } })
}

const MOST_TOLD = 10

/** What was asked is the caller's to mend; that it was not answered, or to nobody, is not. */
function exitFor(status: number): 'wrongUsage' | 'failed' {
  return status >= 500 || [401, 403, 429].includes(status) ? 'failed' : 'wrongUsage'
}

/** The names that look most like one, by the pairs of letters that they share. */
function nearest(name: string, names: readonly string[]): string[] {
  const ranked = names.map((other) => ({ other, likeness: likeness(name, other) }))
  return ranked
    .filter(({ likeness: score }) => score > 0.3)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, 3)
    .map(({ other }) => other)
}

function likeness(one: string, other: string): number {
  const [left, right] = [letterPairs(one), letterPairs(other)]
  return (2 * left.intersection(right).size) / Math.max(1, left.size + right.size)
}

function letterPairs(text: string): Set<string> {
  const padded = ` ${text.toLowerCase()} `
  return new Set(Array.from({ length: padded.length - 1 }, (_, i) => padded.slice(i, i + 2)))
}

function readVersionOption(value: string): VersionWish {
  if (value === 'latest') return value
  if (/^[1-9]\d{0,9}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a number such as 3, or "latest".')
}
