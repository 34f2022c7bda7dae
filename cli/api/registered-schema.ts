import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import { readSchema, type SchemaRead } from '../../contracts/schema/read.ts'
import { Refused, wrongUsage } from '../refused.ts'
import type { Source, VersionWish } from '../schema-source.ts'
import { printable } from '../table.ts'
import { unreadableSchema } from '../unreadable-schema.ts'
import { type Api, encodeStep } from './client.ts'

type Registered = { readonly subject: string; readonly version: number; readonly schema: string }

/** Reads the schema of a subject's version from the registry, together with the other subjects' that it refers to. */
export async function readRegistered(api: Api, subject: string, version: VersionWish): Promise<Source> {
  const found = await api.get<Registered>(pathOf(subject, version), 'schema').catch(async (error: unknown) => {
    throw await notFound(error, api, subject, version)
  })
  const name = `${subject}@${found.version}`
  const alone = readSchema(found.schema)
  const leadsOut = alone.findings?.some(({ code }) => code === 'ref.unresolved') === true
  const { schema, findings } = leadsOut ? await readBundled(api, found) : alone
  if (findings) throw await unreadableSchema(name, found.schema, findings)
  return { name, schema }
}

function pathOf(subject: string, version?: VersionWish): string {
  const versions = `/subjects/${encodeStep(subject)}/versions`
  return version === undefined ? versions : `${versions}/${version}`
}

async function readBundled(api: Api, found: Registered): Promise<SchemaRead> {
  const [{ documentsOf }, { bundle }] = await Promise.all([
    import('./references.ts'),
    import('../../contracts/schema/bundle.ts'),
  ])
  return readSchema(bundle(JSON.parse(found.schema) as JsonSchema, await documentsOf(api, found)))
}

const SUBJECT_UNKNOWN = 40_401
const VERSION_UNKNOWN = 40_402

/** Of what is not there, what is there instead. */
async function notFound(error: unknown, api: Api, subject: string, version: VersionWish): Promise<unknown> {
  const { errorCode } = error instanceof Refused ? (error.details as { readonly errorCode?: unknown }) : {}
  if (errorCode === VERSION_UNKNOWN) {
    const versions = await api.list(pathOf(subject))
    const there =
      versions.length > MOST_TOLD ? `its latest is ${String(versions.at(-1))}` : `it has ${versions.join(', ')}`
    const sentence = `Subject ${JSON.stringify(subject)} has no version ${version}; ${there}.`
    return wrongUsage('version.unknown', printable(sentence, LONG))
  }
  if (errorCode !== SUBJECT_UNKNOWN) return error
  const near = nearest(
    subject,
    (await api.list('/subjects')).filter((name) => typeof name === 'string'),
  )
  const hint = near.length === 0 ? '' : ` Did you mean ${near.map((name) => JSON.stringify(name)).join(' or ')}?`
  const sentence = `The registry has no subject ${JSON.stringify(subject)}.${hint}`
  return wrongUsage('subject.unknown', printable(sentence, LONG), { details: { near } })
}

const MOST_TOLD = 10
const LONG = 2000

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
