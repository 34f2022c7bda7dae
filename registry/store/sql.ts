import type { JsonObject } from '../../contracts/index.ts'

export type SqlValue = string | number | null
export type Row = Readonly<Record<string, unknown>>

/**
 * Runs one statement and answers its rows. Parameters are written ?1, ?2 and so on. SQLite and PostgreSQL read the same
 * texts; what only one of them understands stays in its folder.
 */
export type Sql = (text: string, ...values: readonly SqlValue[]) => Promise<readonly Row[]>

export function numberIn(row: Row | undefined, column: string): number {
  const value = row?.[column]
  if (typeof value !== 'number') throw new TypeError(`The column ${column} holds no number`)
  return value
}

export function textIn(row: Row | undefined, column: string): string {
  const value = row?.[column]
  if (typeof value !== 'string') throw new TypeError(`The column ${column} holds no text`)
  return value
}

export function optionalTextIn(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textIn(row, column)
}

export function optionalJsonIn(row: Row, column: string): JsonObject | undefined {
  return row[column] === null ? undefined : (JSON.parse(textIn(row, column)) as JsonObject)
}

export function jsonOf(value: JsonObject | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

export function optionalNumberIn(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberIn(row, column)
}

export function isTrueIn(row: Row, column: string): boolean {
  return numberIn(row, column) === 1
}

/** The object without the members that are undefined. */
export function filled<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T
}

/** The comparison comes first, since an index serves it. */
export function startsWith(column: string, prefix: string): string {
  return `${column} >= ${prefix} AND substr(${column}, 1, length(${prefix})) = ${prefix}`
}
