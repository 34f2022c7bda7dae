import type { Row, Sql, SqlValue } from './sql.ts'

/** As many values as one statement lists at most: both databases plan long lists, and ours are short. */
const VALUES_AT_ONCE = 512
/** Rows that one statement puts in at most. */
const ROWS_AT_ONCE = 64

/**
 * Asks about many values, some at a time. `textOf` is given the list to stand behind IN, whose parameters begin at
 * `first`. Lists are filled up to a few lengths with values that stand in them already, so that there are few texts.
 */
export async function askAbout(
  sql: Sql,
  values: readonly SqlValue[],
  { before = [], textOf }: { readonly before?: readonly SqlValue[]; readonly textOf: (list: string) => string },
): Promise<Row[]> {
  const unique = [...new Set(values)]
  const rows: Row[] = []
  for (let i = 0; i < unique.length; i += VALUES_AT_ONCE) {
    const some = unique.slice(i, i + VALUES_AT_ONCE)
    const length = [1, 8, 64].find((size) => some.length <= size) ?? VALUES_AT_ONCE
    const padded = Array.from({ length }, (_, at) => some[at] ?? some[0] ?? null)
    const list = padded.map((_, at) => `?${before.length + at + 1}`).join(', ')
    for (const row of await sql(textOf(`(${list})`), ...before, ...padded)) rows.push(row)
  }
  return rows
}

/** Puts rows in, many in one statement; what follows the values may say what happens to those that are there already. */
export async function insertAll(
  sql: Sql,
  into: string,
  rows: readonly (readonly SqlValue[])[],
  behind = '',
): Promise<void> {
  for (const some of inParts(rows)) {
    const width = some[0]?.length ?? 0
    const places = some.map(
      (_row, row) => `(${Array.from({ length: width }, (_, i) => `?${row * width + i + 1}`).join(', ')})`,
    )
    await sql(`INSERT INTO ${into} VALUES ${places.join(', ')} ${behind}`, ...some.flat())
  }
}

/** Parts whose lengths are powers of two, so that there are few texts. */
function* inParts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; ) {
    let size = ROWS_AT_ONCE
    while (size > all.length - at) size /= 2
    yield all.slice(at, at + size)
    at += size
  }
}
