import type { JsonObject } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { SchemaReads, StoredSchema, SubjectReads, SubjectVersion, VersionKey, Which } from '../store/store.ts'
import { configInScope } from './config.ts'
import { readContent, type SentSchema } from './content.ts'
import { withDefaults } from './defaults.ts'
import { LARGEST_VERSION } from './subject.ts'

export async function findSchema(schemas: SchemaReads, id: number): Promise<StoredSchema> {
  const found = await schemas.byId(id)
  if (!found) throw registryError('schema.unknown', { id })
  return found
}

/** The versions that a schema is. One that has none any more, but softly deleted ones, has an empty list. */
export async function findUses(schemas: SchemaReads, id: number, which: Which): Promise<VersionKey[]> {
  const uses = await schemas.uses(id, which)
  if (uses.length === 0) await findSchema(schemas, id)
  return uses
}

export type WantedVersion = { readonly subject: string; readonly version: string; readonly which: Which }

/** Finds a subject's version by its number, "latest" or -1, as they stand in a path. */
export async function findVersion(subjects: SubjectReads, wanted: WantedVersion): Promise<SubjectVersion> {
  const { subject, which } = wanted
  const version = parseVersion(wanted.version)
  const found = await subjects.version(subject, version, which)
  if (found) return found
  await listVersions(subjects, subject, which)
  throw registryError('version.unknown', { version: Number(version) })
}

export async function listVersions(
  subjects: SubjectReads,
  subject: string,
  which: Which,
): ReturnType<SubjectReads['versions']> {
  const versions = await subjects.versions(subject, which)
  if (versions.length === 0) throw registryError('subject.unknown', { subject })
  return versions
}

/** The ids of the schemas that refer to a version. */
export async function findReferrers(subjects: SubjectReads, wanted: WantedVersion): Promise<number[]> {
  const { subject, version } = await findVersion(subjects, { ...wanted, which: 'any' })
  const referrers = await subjects.referrers({ subject, version }, wanted.which)
  return [...new Set(referrers.map(({ id }) => id))]
}

export type LookUpOptions = { readonly normalize: boolean; readonly which: Which }

/** Looks a schema up: under which version does the subject have this very content? */
export async function lookUp(
  registry: Registry,
  subject: string,
  sent: SentSchema,
  { normalize, which }: LookUpOptions,
): Promise<SubjectVersion> {
  const { subjects } = registry.store
  const [state] = await Promise.all([subjects.state(subject), listVersions(subjects, subject, which)])
  const config = configInScope(state)
  const { content } = await readContent(registry, sent, normalize || config.normalize === true)
  const found = await subjects.find(subject, content.identity, which)
  if (found) return found
  // Registering would have added what the subject lays down for its versions, so that is looked for as well.
  const [latest] = await subjects.history(subject, { limit: 1 })
  const filled = withDefaults(content, sent, { latest, config })
  const registered = await subjects.find(subject, filled.identity, which)
  if (!registered) throw registryError('schema.unknown', {})
  return registered
}

const PAGE = 100

/** The latest version whose metadata has all these properties. */
export async function findByMetadata(
  subjects: SubjectReads,
  subject: string,
  wanted: ReadonlyMap<string, string>,
): Promise<SubjectVersion> {
  await listVersions(subjects, subject, 'live')
  let page = await subjects.history(subject, { limit: PAGE })
  while (page.length > 0) {
    const found = page.find(({ metadata }) => hasProperties(metadata, wanted))
    if (found) return found
    page = await subjects.history(subject, { after: page.at(-1)?.version ?? 0, limit: PAGE })
  }
  throw registryError('schema.unknown', {})
}

function hasProperties(metadata: JsonObject | undefined, wanted: ReadonlyMap<string, string>): boolean {
  const has = new Map(Object.entries(metadata?.properties ?? {}))
  return [...wanted].every(([key, value]) => has.get(key) === value)
}

/** Reads a version as it stands in a path. */
export function parseVersion(wanted: string): number | 'latest' {
  if (wanted.toLowerCase() === 'latest' || wanted === '-1') return 'latest'
  const version = /^\d{1,10}$/.test(wanted) ? Number(wanted) : 0
  if (version < 1 || version > LARGEST_VERSION) throw registryError('version.invalid', { version: wanted })
  return version
}
