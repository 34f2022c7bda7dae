import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SubjectFilter, SubjectReads, SubjectVersion, VersionEntry, VersionFilter } from '../store/store.ts'

/** A part of a list, as clients ask for it. */
export type Slice = { readonly offset: number; readonly limit: number }

const PAGE = 1000

export function listSubjects(subjects: SubjectReads, filter: SubjectFilter, slice: Slice): Promise<string[]> {
  return take(slice, (after: string | undefined, limit) => subjects.names(filter, { after, limit }))
}

/** As many schemas as are read at once: each may be large. */
const SCHEMAS_AT_ONCE = 10

/** The versions of all subjects, by subject and number, some at a time. */
export async function* listSchemas(
  subjects: SubjectReads,
  filter: VersionFilter,
  slice: Slice,
): AsyncGenerator<SubjectVersion[]> {
  const entries = await take(slice, (after: VersionEntry | undefined, limit) =>
    subjects.entries(filter, { after, limit }),
  )
  while (entries.length > 0) {
    const some = entries.splice(0, SCHEMAS_AT_ONCE)
    const versions = await Promise.all(some.map(({ subject, version }) => subjects.version(subject, version, 'any')))
    // one may have been deleted for good just now
    yield versions.filter((version) => version !== undefined)
  }
}

/** Walks a long list in pages and takes turns with others, since one long read would block them. */
async function take<Item>(
  { offset, limit }: Slice,
  read: (after: Item | undefined, limit: number) => Promise<Item[]>,
): Promise<Item[]> {
  const taken: Item[] = []
  let skip = offset
  let last: Item | undefined
  while (taken.length < limit) {
    const wanted = Math.min(PAGE, skip + limit - taken.length)
    const page = await read(last, wanted)
    for (const item of page.slice(skip)) taken.push(item)
    skip = Math.max(0, skip - page.length)
    last = page.at(-1)
    if (page.length < wanted) break
    await nextTurn()
  }
  return taken
}
