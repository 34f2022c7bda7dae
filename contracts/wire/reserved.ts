/** The fields that a stream with headers keeps for the guards. Without headers they are data like any other. */
export const RESERVED = { schemaId: '_sid', traceparent: '_tp', idempotency: '_id', orderingKey: '_k' } as const
const NAMES: ReadonlySet<string> = new Set(Object.values(RESERVED))

export function isReserved(name: string): boolean {
  return NAMES.has(name) || name.startsWith('_dead_')
}

/** An entry without its reserved fields; the entry itself where it has none. */
export function withoutReserved(entry: readonly string[]): readonly string[] {
  return entry.some((name, i) => i % 2 === 0 && isReserved(name))
    ? entry.filter((_, i) => !isReserved(entry[i - (i % 2)] ?? ''))
    : entry
}
