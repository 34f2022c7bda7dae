import { registryError } from '../errors.ts'
import type { SchemaReads, StoredSchema, SubjectVersion } from '../store/store.ts'
import { readContent, type SentSchema } from './content.ts'
import { findRegistered, type Registered } from './register.ts'

export async function findSchema(schemas: SchemaReads, id: number): Promise<StoredSchema> {
  const found = await schemas.byId(id)
  if (!found) throw registryError('schema.unknown', { id })
  return found
}

/** Finds a subject's version by its number, "latest" or -1, as they stand in a path. */
export async function findVersion(schemas: SchemaReads, subject: string, wanted: string): Promise<SubjectVersion> {
  const version = parseVersion(wanted)
  const found = await schemas.version(subject, version)
  if (found) return found
  await listVersions(schemas, subject)
  throw registryError('version.unknown', { version: Number(version) })
}

export async function listVersions(schemas: SchemaReads, subject: string): Promise<number[]> {
  const versions = await schemas.versions(subject)
  if (versions.length === 0) throw registryError('subject.unknown', { subject })
  return versions
}

/** Looks a schema up: under which version does the subject have this very content? */
export async function lookUp(
  schemas: SchemaReads,
  subject: string,
  sent: SentSchema,
  normalize: boolean,
): Promise<Registered> {
  await listVersions(schemas, subject)
  const found = await findRegistered(schemas, subject, readContent(sent, normalize))
  if (!found) throw registryError('schema.unknown', {})
  return found
}

const LARGEST_VERSION = 2 ** 31 - 1

function parseVersion(wanted: string): number | 'latest' {
  if (wanted.toLowerCase() === 'latest' || wanted === '-1') return 'latest'
  const version = /^\d{1,10}$/.test(wanted) ? Number(wanted) : 0
  if (version < 1 || version > LARGEST_VERSION) throw registryError('version.invalid', { version: wanted })
  return version
}
