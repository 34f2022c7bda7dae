import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { SubjectReads, VersionKey } from '../store/store.ts'
import { findVersion, parseVersion } from './find.ts'
import { refuseWhenReadOnly } from './mode.ts'

/** Deletes all versions of a subject, softly or, when they are deleted softly already, for good. Answers their numbers. */
export async function deleteSubject({ store }: Registry, subject: string, permanent: boolean): Promise<number[]> {
  return store.write(async ({ subjects }) => {
    const all = await subjects.versions(subject, 'any')
    if (all.length === 0) throw registryError('subject.unknown', { subject })
    const live = all.filter(({ deleted }) => !deleted)
    if (!permanent && live.length === 0) throw registryError('subject.soft-deleted', { subject })
    refuseWhenReadOnly(await subjects.state(subject), subject)
    const versions = (permanent ? all : live).map(({ version }) => version)
    for (const version of versions)
      await refuseWhenReferred(subjects, { subject, version }, { permanent, but: subject })
    if (permanent && live.length > 0) throw registryError('subject.not-soft-deleted', { subject })
    await (permanent ? subjects.remove(subject, versions) : subjects.hide(subject, versions))
    return versions
  })
}

/** Deletes one version, softly or, when it is deleted softly already, for good. Answers its number. */
export async function deleteVersion(
  { store }: Registry,
  { subject, version: wanted }: { readonly subject: string; readonly version: string },
  permanent: boolean,
): Promise<number> {
  const which = parseVersion(wanted) === 'latest' && !permanent ? 'live' : 'any'
  return store.write(async ({ subjects }) => {
    const { version, deleted } = await findVersion(subjects, { subject, version: wanted, which })
    if (deleted && !permanent) throw registryError('version.soft-deleted', { subject, version })
    refuseWhenReadOnly(await subjects.state(subject), subject)
    await refuseWhenReferred(subjects, { subject, version }, { permanent })
    if (!deleted && permanent) throw registryError('version.not-soft-deleted', { subject, version })
    await (permanent ? subjects.remove(subject, [version]) : subjects.hide(subject, [version]))
    return version
  })
}

type Deleting = {
  readonly permanent: boolean
  /** A subject whose own references do not count, since it goes as a whole. */
  readonly but?: string
}

async function refuseWhenReferred(subjects: SubjectReads, to: VersionKey, { permanent, but }: Deleting): Promise<void> {
  const referrers = await subjects.referrers(to, permanent ? 'any' : 'live')
  if (referrers.some(({ subject }) => subject !== but)) throw registryError('reference.exists', to)
}
