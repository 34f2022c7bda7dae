/** One entry of a stream as Redis keeps it. */
export type Entry = {
  readonly id: string
  /** Field, value, field, value; nothing is left out. */
  readonly fields: readonly string[]
}

/** What `XRANGE` and `XREADGROUP` answer for one entry; the fields are nil when it was trimmed while pending. */
export type EntryReply = [id: string, fields: string[] | null]

/** An entry's fields by name, the last one where a name stands twice. */
export function fieldsOf(fields: readonly string[]): { [name: string]: string } {
  const pairs = fields.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []))
  return Object.fromEntries(pairs)
}
