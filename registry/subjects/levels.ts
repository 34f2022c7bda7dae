/** What a new version must be to the versions before it. */
export const LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const
export type Level = (typeof LEVELS)[number]

/** Who writes and who reads in a question between an older version and a newer one. */
export type Direction = 'backward' | 'forward'

/** Only here is it known what a direction means: BACKWARD asks whether the new schema reads what the old one wrote. */
export function sides<T>(direction: Direction, older: T, newer: T): readonly [writer: T, reader: T] {
  return direction === 'backward' ? [older, newer] : [newer, older]
}

export function directionsOf(level: Level): readonly Direction[] {
  if (level === 'NONE') return []
  if (level.startsWith('FULL')) return ['backward', 'forward']
  return level.startsWith('BACKWARD') ? ['backward'] : ['forward']
}

/** Whether all versions count, and not only the latest. */
export function isTransitive(level: Level): boolean {
  return level.endsWith('_TRANSITIVE')
}
