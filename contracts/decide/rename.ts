import type { Finding } from '../finding.ts'
import { canonicalJson } from '../schema/canonical.ts'
import type { Search } from './family.ts'

import { type Node, plainNode } from './node.ts'
import { declares } from './places.ts'
import { intern } from './prepare.ts'

/**
 * The field that the writer may have renamed, if there is one: it is the writer's alone, its values fit the reader's
 * field, and under the reader's name the whole object would pass. Of several the best evidenced; on a tie, all are told.
 */
export function likelyRenames(
  writers: readonly Node[],
  readers: readonly Node[],
  to: string,
  search: Search,
): Finding['suggestion'] {
  const [writer] = writers
  const read = readers.flatMap(({ object }) => object.properties.get(to) ?? [])
  if (!writer || read.length === 0) return undefined
  const fits = writers
    .flatMap(({ object }) => [...object.properties])
    .filter(([name, node]) => !declares(readers, name) && search.find([node], read) === 'none')
  const passing = fits.filter(([from]) => search.find([renamed(writer, from, to)], readers.slice(0, 1)) === 'none')
  const [only, second] = passing
  if (!only) return undefined
  if (!second) return { rename: { from: only[0], to } }
  const ranked = passing
    .map(([from, node]) => ({ from, score: evidence(node, read, from, to) }))
    .toSorted((a, b) => b.score - a.score)
  const [best, next] = ranked
  if (!best || !next) return undefined
  if (best.score > next.score) return { rename: { from: best.from, to } }
  return { candidates: ranked.filter(({ score }) => score === best.score).map(({ from }) => from) }
}

function renamed(writer: Node, from: string, to: string): Node {
  const { object } = writer
  const rename = (name: string) => (name === from ? to : name)
  const properties = new Map([...object.properties].map(([name, node]) => [rename(name), node]))
  const node = { ...writer, allOf: [], object: { ...object, properties, required: object.required.map(rename) } }
  return Object.assign(plainNode(writer.pointer, writer.raw, node), {
    id: intern(`renamed ${writer.id} ${from} ${to}`),
    possible: writer.possible,
  })
}

/** Equal schemas say more than common values, these more than a common format, and that more than the name. */
function evidence(written: Node, read: readonly Node[], from: string, to: string): number {
  const values = new Set(read.flatMap(({ candidates }) => (candidates ?? []).map(canonicalJson)))
  const isEqual = read.some(({ id }) => id === written.id)
  const isListed = (written.candidates ?? []).some((value) => values.has(canonicalJson(value)))
  const hasFormat = read.some(({ string }) => string.format !== undefined && string.format === written.string.format)
  return (isEqual ? 4 : 0) + (isListed ? 3 : 0) + (hasFormat ? 2 : 0) + likeness(from, to)
}

/** How alike two names are, from 0 to 1, by the pairs of letters that they share. */
function likeness(a: string, b: string): number {
  const [left, right] = [letterPairs(a), letterPairs(b)]
  return left.size + right.size === 0 ? 0 : (2 * left.intersection(right).size) / (left.size + right.size)
}

function letterPairs(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2).toLowerCase()))
}
