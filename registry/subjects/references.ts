import { SCHEMA_LIMITS } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { SchemaReference, SubjectReads, Which } from '../store/store.ts'
import type { SchemaDocument } from '../verdicts/document.ts'
import { LARGEST_VERSION } from './subject.ts'

/** How many other schemas one schema may refer to, directly and through others. */
const MOST_REFERENCES = 100
const TOO_LARGE = `all that it refers to is together larger than the limit bytes (${SCHEMA_LIMITS.bytes})`
const ILL_FORMED = 'the name of a reference is ill-formed Unicode'

type Texts = SchemaDocument['documents']

/** The references with "latest", written -1, replaced by the version that it is now. */
export async function pinReferences(
  subjects: SubjectReads,
  references: readonly SchemaReference[],
): Promise<SchemaReference[]> {
  if (references.length > MOST_REFERENCES) throw registryError('reference.too-many', { most: MOST_REFERENCES })
  return Promise.all(
    references.map(async ({ name, subject, version }) => {
      if (name.includes('#')) throw registryError('reference.invalid-name', { name })
      if (!name.isWellFormed()) throw registryError('schema.refused', { reasons: ILL_FORMED })
      // PostgreSQL cannot even be asked for a number that its columns do not hold.
      if (Math.abs(version) > LARGEST_VERSION) throw registryError('reference.unknown', { subject, version })
      const found = await subjects.version(subject, version === -1 ? 'latest' : version, 'live')
      if (!found) throw registryError('reference.unknown', { subject, version })
      return { name, subject, version: found.version }
    }),
  )
}

/** The texts of all that references lead to, directly and through others, by the names that they use. */
export async function textsOf(
  subjects: SubjectReads,
  references: readonly SchemaReference[],
  which: Which,
): Promise<Texts> {
  const found = new Map<string, { readonly text: string; readonly of: string }>()
  const open = [...references]
  let size = 0
  for (let next = open.pop(); next; next = open.pop()) {
    const { name, subject, version } = next
    const of = `version ${version} of subject '${subject}'`
    const known = found.get(name)
    if (known && known.of !== of) throw registryError('reference.ambiguous', { name, one: known.of, other: of })
    if (known) continue
    if (found.size >= MOST_REFERENCES) throw registryError('reference.too-many', { most: MOST_REFERENCES })
    const referred = await subjects.version(subject, version, which)
    if (!referred) throw registryError('reference.unknown', { subject, version })
    size += referred.text.length
    if (size > SCHEMA_LIMITS.bytes) throw registryError('schema.refused', { reasons: TOO_LARGE })
    found.set(name, { text: referred.text, of })
    open.push(...referred.references)
  }
  return Object.fromEntries([...found].map(([name, { text }]) => [name, text]))
}
