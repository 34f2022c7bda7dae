import { listOperations } from './described.ts'

/** Values that are known to stand under a name somewhere. */
export type Known = ReadonlyMap<string, readonly unknown[]>

/** What a list is told to go on from stands in another place under another name. */
const RENAMED = new Map([['next', 'after']])

/** A value with what it tells of: ids of different things are told apart by it. */
export type Told = { readonly of?: string; readonly value: unknown }

/** All members of these values, however deep, by their names. */
export function knownFrom(told: readonly Told[]): Known {
  const found = new Map<string, Map<string, unknown>>()
  const add = (name: string, value: unknown) =>
    found.set(name, (found.get(name) ?? new Map()).set(JSON.stringify(value), value))
  const walk = (value: unknown, of: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, member] of Object.entries(value)) {
      const name = RENAMED.get(key) ?? key
      if (!Array.isArray(value)) add(name, member)
      if (name === 'id') add(`${of}/id`, member)
      walk(member, of)
    }
  }
  for (const { of = '', value } of told) walk(value, of)
  return new Map([...found].map(([name, members]) => [name, [...members.values()]]))
}

/** What the document's examples have. */
export function examples(): Told[] {
  return listOperations()
    .flatMap(({ parameters, body }) => [
      ...parameters.flatMap(({ name, example }) => (example === undefined ? [] : [{ [name]: example }])),
      ...(body?.examples ?? []),
    ])
    .map((value) => ({ value }))
}
