/** Whether all texts in a JSON value, names included, are well-formed Unicode: no database keeps half of a surrogate pair. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWellFormed(member))
}

/** A name as an error may tell it, whatever it holds. */
export function shown(name: string): string {
  return name.slice(0, LONGEST_SHOWN).toWellFormed()
}

const LONGEST_SHOWN = 200
