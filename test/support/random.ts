/** A source of chance that always tells the same story for the same seed (mulberry32). */
export type Random = {
  /** A number from 0 up to but not including 1. */
  readonly next: () => number
  readonly isHit: (chance: number) => boolean
  /** A whole number from 0 up to but not including `end`. */
  readonly below: (end: number) => number
  readonly pick: <T>(values: readonly T[]) => T
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return { next, below, isHit: (chance) => next() < chance, pick: (values) => pickFrom(values, below(values.length)) }
}

function pickFrom<T>(values: readonly T[], index: number): T {
  if (values.length === 0) throw new Error('There is nothing to pick from')
  return values[index] as T
}
