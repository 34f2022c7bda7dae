import { type CharacterSet, complement } from './character-set.ts'

/** What `\d`, `\w`, `\s` and `.` read, and what their opposites do. */
export const DIGITS: CharacterSet = [[0x30, 0x39]]
export const NO_DIGITS = complement(DIGITS)

export const WORD: CharacterSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
export const NO_WORD = complement(WORD)

export const SPACE: CharacterSet = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
export const NO_SPACE = complement(SPACE)

export const NO_LINE_END = complement([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
])
