import type { Api, Query } from './client.ts'

/** What stands in the lists of the registry, which come in pages. */
export type Listed<Entry> = { readonly entries: readonly Entry[]; readonly isWhole: boolean }

type Wanted = { readonly path: string; readonly member: string; readonly query: Query; readonly most?: number }

/** Asks for a list page by page, until all of it is there, or as much as is wanted. */
export async function listPages<Entry>(
  api: Api,
  { path, member, query, most = Number.POSITIVE_INFINITY }: Wanted,
): Promise<Listed<Entry>> {
  const entries: Entry[] = []
  let after: string | undefined
  do {
    const limit = Math.min(PAGE, most - entries.length)
    const page = await api.get<Page<Entry>>(path, member, { ...query, limit, after })
    entries.push(...(page[member] ?? []))
    after = page.next
  } while (after !== undefined && entries.length < most)
  return { entries, isWhole: after === undefined }
}

/** The most that the registry gives at once. */
const PAGE = 1000

type Page<Entry> = { readonly [member: string]: readonly Entry[] } & { readonly next?: string }
