import type { CharacterSet, Range } from './character-set.ts'

/** Which characters people like to read in an example, best first; U+0000 is the last resort. */
const TASTES: readonly Range[] = [
  [0x61, 0x7a],
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
  [0x20, 0x20],
  [0xc0, 0x24f],
  [0xa1, 0x1fff],
  [0x0a, 0x0a],
  [0x09, 0x0d],
  [0x2000, 0x10ffff],
  [0x01, 0x1f],
  [0x7f, 0xa0],
  [0x00, 0x00],
]

/** The character of a set that is read best. */
export function friendliest(set: CharacterSet): number | undefined {
  for (const [from, to] of TASTES)
    for (const [first, last] of set) if (first <= to && last >= from) return Math.max(first, from)
  return undefined
}

/** Orders characters by how well they read. */
export function byTaste(a: number, b: number): number {
  return taste(a) - taste(b) || a - b
}

function taste(codePoint: number): number {
  return TASTES.findIndex(([from, to]) => codePoint >= from && codePoint <= to)
}
