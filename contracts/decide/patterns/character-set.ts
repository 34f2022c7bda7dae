/** Code points from `first` to `last`, both included. */
export type Range = readonly [first: number, last: number]

/** Ranges in ascending order that neither touch nor overlap. */
export type CharacterSet = readonly Range[]

/** All of which well-formed text is made: no lone surrogates. */
export const EVERYTHING: CharacterSet = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
]

/** The well-formed characters of these ranges, in any order. */
export function characters(ranges: readonly Range[]): CharacterSet {
  return complement(complement(ranges))
}

/** The well-formed characters outside of these ranges. */
export function complement(ranges: readonly Range[]): CharacterSet {
  const ascending = [...ranges].sort(([a], [b]) => a - b)
  return EVERYTHING.flatMap((whole) => gaps(whole, ascending))
}

export function has(set: CharacterSet, codePoint: number): boolean {
  let [low, high] = [0, set.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const [first, last] = set[middle] ?? [0, 0]
    if (codePoint < first) high = middle - 1
    else if (codePoint > last) low = middle + 1
    else return true
  }
  return false
}

function gaps([first, last]: Range, ascending: readonly Range[]): Range[] {
  const free: Range[] = []
  let next = first
  for (const [from, to] of ascending) {
    if (from > last) break
    if (from > next) free.push([next, from - 1])
    next = Math.max(next, to + 1)
  }
  if (next <= last) free.push([next, last])
  return free
}
