import type { JsonObject, Policy, Verdict } from '../../contracts/index.ts'
import { RegistryError, registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { SubjectReads, SubjectVersion } from '../store/store.ts'
import type { SchemaDocument } from '../verdicts/document.ts'
import type { Side } from '../verdicts/engine.ts'
import { type Config, configInScope } from './config.ts'
import { type Candidate, readContent, type SentSchema } from './content.ts'
import { withDefaults } from './defaults.ts'
import { findVersion } from './find.ts'
import { type Direction, directionsOf, isTransitive, type Level, sides } from './levels.ts'
import { textsOf } from './references.ts'

/** What came of comparing a schema with one version in one direction. */
export type Comparison = {
  readonly version: SubjectVersion
  readonly direction: Direction
  readonly verdict: Verdict
}

/** What a schema is to the versions before it. A comparison that does not say "compatible" ends it, so it is the last one. */
export type Compatibility = {
  readonly level: Level
  readonly group?: { readonly name: string; readonly value: string | null }
  readonly isCompatible: boolean
  readonly comparisons: readonly Comparison[]
}

/** A schema that must not become a version: it breaks with one before it, or nobody knows whether it does. */
export class IncompatibleSchema extends RegistryError {
  override readonly name = 'IncompatibleSchema'
  readonly subject: string
  readonly compatibility: Compatibility

  constructor(subject: string, compatibility: Compatibility) {
    const { message } = registryError('schema.incompatible', { subject })
    super('schema.incompatible', message)
    this.subject = subject
    this.compatibility = compatibility
  }
}

/** Decides, or answers undefined where it does not know and may not wait. */
type Decide = (writer: Side, reader: Side, policy: Policy) => Promise<Verdict>

/** All that is compared: the schema, what it is compared with, and by which settings. */
export type Comparing = {
  readonly candidate: Candidate
  readonly subject: string
  readonly config: Config
  /** Against this version only, whatever the level says of how many. */
  readonly version?: SubjectVersion
  /** The subject's latest version, where it is known: most levels want no other. */
  readonly latest?: SubjectVersion | undefined
}

/** Compares a schema with the versions of a subject that the level names, the latest first. */
export async function compare(subjects: SubjectReads, decide: Decide, comparing: Comparing): Promise<Compatibility> {
  const { candidate, config } = comparing
  const { compatibilityLevel: level, compatibilityGroup, compatibilityPolicy } = config
  const policy: Policy = compatibilityPolicy === 'AS_DECLARED' ? 'as-declared' : 'strict'
  const group = compatibilityGroup && groupOf(candidate.content.metadata, compatibilityGroup)
  const newer: Side = { fingerprint: candidate.content.fingerprint, document: async () => candidate.document }
  const comparisons: Comparison[] = []
  const outcome = (isCompatible: boolean): Compatibility => ({
    level,
    ...(compatibilityGroup && { group: { name: compatibilityGroup, value: group ?? null } }),
    isCompatible,
    comparisons,
  })

  const versions = comparing.version ? [comparing.version] : versionsOf(subjects, comparing)
  for await (const version of versions) {
    if (compatibilityGroup && groupOf(version.metadata, compatibilityGroup) !== group) continue
    for (const direction of directionsOf(level)) {
      const [writer, reader] = sides(direction, sideOf(subjects, version), newer)
      const verdict = await decide(writer, reader, policy)
      comparisons.push({ version, direction, verdict })
      if (verdict.answer !== 'compatible') return outcome(false)
    }
    if (!isTransitive(level)) break
  }
  return outcome(true)
}

/** Says what registering would say, about one version or about all that the subject's level names; nothing is kept. */
export async function testCompatibility(
  registry: Registry,
  subject: string,
  { sent, version, normalize }: { readonly sent: SentSchema; readonly version?: string; readonly normalize: boolean },
): Promise<Compatibility> {
  const { subjects } = registry.store
  const { state, latest } = await subjects.head(subject)
  const config = configInScope(state)
  const against = version === undefined ? undefined : await findCompared(subjects, subject, version)
  const read = await readContent(registry, sent, normalize || config.normalize === true)
  const candidate = { ...read, content: withDefaults(read.content, sent, { latest, config }) }
  const none = { level: config.compatibilityLevel, isCompatible: true, comparisons: [] }
  if (version !== undefined && !against) return none
  return compare(subjects, registry.engine.decide, { candidate, subject, config, ...(against && { version: against }) })
}

/** A subject that is not there yet has nothing to break. */
async function findCompared(
  subjects: SubjectReads,
  subject: string,
  version: string,
): Promise<SubjectVersion | undefined> {
  const isLatest = version.toLowerCase() === 'latest' || version === '-1'
  if (isLatest) return subjects.version(subject, 'latest', 'live')
  return findVersion(subjects, { subject, version, which: 'live' }).catch((error: Error & { code?: string }) => {
    throw error.code === 'subject.unknown' ? registryError('version.unknown', { version: Number(version) }) : error
  })
}

const PAGE = 20

async function* versionsOf(
  subjects: SubjectReads,
  { subject, config, latest }: Comparing,
): AsyncGenerator<SubjectVersion> {
  if (config.compatibilityLevel === 'NONE') return
  let page = latest ? [latest] : await subjects.history(subject, { limit: 1 })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page
    page = await subjects.history(subject, { after: last.version, limit: PAGE })
  }
}

function sideOf(subjects: SubjectReads, { fingerprint, text, references }: SubjectVersion): Side {
  const document = async (): Promise<SchemaDocument> => ({
    text,
    documents: await textsOf(subjects, references, 'any'),
  })
  return { fingerprint, document }
}

/** The value under a name in the metadata's properties. */
function groupOf(metadata: JsonObject | undefined, name: string): string | null {
  const properties = new Map<string, unknown>(Object.entries(metadata?.properties ?? {}))
  const value = properties.get(name)
  if (value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
