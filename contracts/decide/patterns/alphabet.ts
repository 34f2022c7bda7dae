import type { CharacterSet, Range } from './character-set.ts'
import { byTaste, friendliest } from './friendly.ts'

/** Characters that none of the patterns tells apart, and the one to stand for them. */
export type Letter = { readonly codePoint: number; readonly set: CharacterSet }

/** The letters that these sets tell apart, the friendliest first. */
export function alphabetOf(sets: readonly CharacterSet[], whole: CharacterSet): readonly Letter[] {
  const letters: Letter[] = []
  for (const set of partition(sets, whole)) {
    const codePoint = friendliest(set)
    if (codePoint !== undefined) letters.push({ codePoint, set })
  }
  return letters.sort((a, b) => byTaste(a.codePoint, b.codePoint))
}

const OUTSIDE = -1

function partition(sets: readonly CharacterSet[], whole: CharacterSet): Range[][] {
  const edges = edgesOf([whole, ...sets])
  const pieceAt = new Map(edges.map((edge, index) => [edge, index]))
  const classes: number[] = edges.map(() => OUTSIDE)
  let made = 0
  for (const set of [whole, ...sets]) {
    const renamed = new Map<number, number>()
    for (const [first, last] of set) {
      for (let piece = pieceAt.get(first) ?? edges.length; (edges[piece] ?? Infinity) <= last; piece++) {
        const old = classes[piece] ?? OUTSIDE
        if (old === OUTSIDE && set !== whole) continue
        const name = renamed.get(old) ?? made++
        renamed.set(old, name)
        classes[piece] = name
      }
    }
  }
  return gather(edges, classes)
}

function edgesOf(sets: readonly CharacterSet[]): number[] {
  const edges = new Set<number>()
  for (const set of sets) for (const [first, last] of set) edges.add(first).add(last + 1)
  return [...edges].sort((a, b) => a - b)
}

function gather(edges: readonly number[], classes: readonly number[]): Range[][] {
  const groups = new Map<number, Range[]>()
  for (const [piece, name] of classes.entries()) {
    const [first, next] = [edges[piece], edges[piece + 1]]
    if (name === OUTSIDE || first === undefined || next === undefined) continue
    const group = groups.get(name) ?? []
    groups.set(name, group)
    group.push([first, next - 1])
  }
  return [...groups.values()]
}
