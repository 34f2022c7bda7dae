import type { Json } from '../../json.ts'
import { accepts } from '../accepts.ts'
import { type Branch, type Family, type Found, isFound, type Search } from '../family.ts'
import { type ArrayPart, isAny, type Node, nodeForIndex } from '../node.ts'

/** An item that must be there: at one place, or at any place from one on. */
type Wanted = {
  readonly from: number
  readonly isExact: boolean
  readonly met: readonly Node[]
  readonly refused: readonly Node[]
  /** Items that one `contains` asks for are different items. */
  readonly group?: object
}

type ArrayCell = {
  min: number
  max: number
  isUnique: boolean
  mustRepeat: boolean
  readonly parts: ArrayPart[]
  /** Nodes that every item must refuse. */
  readonly nowhere: Node[]
  readonly limited: { readonly node: Node; readonly max: number }[]
  readonly wanted: Wanted[]
}

export const arrays: Family<ArrayCell> = {
  create: () => ({
    min: 0,
    max: Number.POSITIVE_INFINITY,
    isUnique: false,
    mustRepeat: false,
    parts: [],
    nowhere: [],
    limited: [],
    wanted: [],
  }),
  copy: (cell) => ({
    ...cell,
    parts: [...cell.parts],
    nowhere: [...cell.nowhere],
    limited: [...cell.limited],
    wanted: [...cell.wanted],
  }),
  meet,
  choices: () => [],
  refuse,
  isDisjoint: ({ min, max }, { array }) => array.minItems > max || array.maxItems < min,
  build,
}

function meet({ array }: Node, cell: ArrayCell): boolean {
  cell.min = Math.max(cell.min, array.minItems)
  cell.max = Math.min(cell.max, array.maxItems)
  cell.isUnique ||= array.isUnique
  if (array.prefix.length > 0 || array.rest) cell.parts.push(array)
  if (array.contains) contain(cell, array.contains.node, array.contains.min, array.contains.max)
  return isInhabited(cell)
}

/** Between `min` and `max` items must be accepted. */
function contain(cell: ArrayCell, node: Node, min: number, max: number): boolean {
  cell.min = Math.max(cell.min, min)
  if (isAny(node)) cell.max = Math.min(cell.max, max)
  else {
    const group = {}
    for (let i = 0; i < Math.min(min, MOST_ITEMS + 1); i++)
      cell.wanted.push({ from: 0, isExact: false, met: [node], refused: [], group })
    if (max === 0) cell.nowhere.push(node)
    else if (max < Number.POSITIVE_INFINITY) cell.limited.push({ node, max })
  }
  return min <= max && isInhabited(cell) && !isOverfull(cell)
}

/** Whether more items are asked for than there may be of their kind. */
function isOverfull({ limited, wanted }: ArrayCell): boolean {
  return limited.some(({ node, max }) => {
    const groups = Map.groupBy(
      wanted.filter(({ met }) => met.some(({ id }) => id === node.id)),
      (one) => one.group,
    )
    return [...groups.values()].some((group) => group.length > max)
  })
}

function isInhabited({ min, max, isUnique, mustRepeat }: ArrayCell): boolean {
  return min <= max && !(isUnique && mustRepeat) && !(mustRepeat && max < 2)
}

function refuse({ array, values, structures }: Node): Branch<ArrayCell>[] {
  const { minItems, maxItems, isUnique, prefix, rest, contains } = array
  const ways: ((cell: ArrayCell) => boolean)[] = []
  if (minItems > 0) ways.push((cell) => ((cell.max = Math.min(cell.max, minItems - 1)), isInhabited(cell)))
  if (maxItems < Number.POSITIVE_INFINITY)
    ways.push((cell) => ((cell.min = Math.max(cell.min, maxItems + 1)), isInhabited(cell)))
  if (isUnique) ways.push((cell) => ((cell.mustRepeat = true), isInhabited(cell)))
  for (const [i, node] of prefix.entries())
    if (!isAny(node)) ways.push((cell) => want(cell, { from: i, isExact: true, met: [], refused: [node] }))
  if (rest && !isAny(rest))
    ways.push((cell) => want(cell, { from: prefix.length, isExact: false, met: [], refused: [rest] }))
  if (contains && contains.min > 0) ways.push((cell) => contain(cell, contains.node, 0, contains.min - 1))
  if (contains && contains.max < Number.POSITIVE_INFINITY)
    ways.push((cell) => contain(cell, contains.node, contains.max + 1, Number.POSITIVE_INFINITY))
  const branches: Branch<ArrayCell>[] = ways.map((enter) => ({ literals: [], enter }))
  if (values) branches.push({ literals: structures.map((node) => ({ node, isMet: false })) })
  return branches
}

function want(cell: ArrayCell, wanted: Wanted): boolean {
  cell.wanted.push(wanted)
  cell.min = Math.max(cell.min, wanted.from + 1)
  return isInhabited(cell)
}

const MOST_ITEMS = 1000

function build(cell: ArrayCell, search: Search): Found {
  if (cell.min > MOST_ITEMS || cell.wanted.length > MOST_WANTED) return { unknown: 'too-intricate' }
  if (cell.limited.some(({ node, max }) => countForced(cell, node, search) > max)) return 'none'
  const wanted = cell.wanted.toSorted((a, b) => Number(b.isExact) - Number(a.isExact))
  return arrange(cell, wanted, new Map(), search)
}

const MOST_WANTED = 12

/** How many items there must be that cannot but be accepted. */
function countForced(cell: ArrayCell, node: Node, search: Search): number {
  const slots = Array.from({ length: Math.min(cell.min, longestPrefix(cell) + 1) }, (_, i) => i)
  const forced = slots.filter((slot) => findItem(cell, slot, [], [node], search) === 'none')
  const isRestForced = forced.includes(longestPrefix(cell))
  return forced.length + (isRestForced ? cell.min - slots.length : 0)
}

/** Gives each item that must be there a place, in every way until one works. */
function arrange(
  cell: ArrayCell,
  wanted: readonly Wanted[],
  slots: ReadonlyMap<number, readonly Wanted[]>,
  search: Search,
): Found {
  const [next, ...others] = wanted
  if (!next) return complete(cell, slots, search)
  let failure: Found = 'none'
  for (const slot of placesFor(cell, next, slots)) {
    search.tick()
    const there = slots.get(slot) ?? []
    if (slot >= cell.max || (next.group && there.some(({ group }) => group === next.group))) continue
    const item = findItem(cell, slot, [...there, next], [], search)
    const found = isFound(item) ? arrange(cell, others, new Map([...slots, [slot, [...there, next]]]), search) : item
    if (isFound(found)) return found
    if (found !== 'none') failure = found
  }
  return failure
}

function complete(cell: ArrayCell, slots: ReadonlyMap<number, readonly Wanted[]>, search: Search): Found {
  if (cell.mustRepeat) return repeat(cell, slots, search)
  const length = Math.max(cell.min, ...[...slots.keys()].map((slot) => slot + 1))
  return length > cell.max ? { unknown: 'too-intricate' } : items(cell, length, slots, new Map(), search)
}

function placesFor(
  cell: ArrayCell,
  { from, isExact }: Wanted,
  slots: ReadonlyMap<number, readonly Wanted[]>,
): number[] {
  if (isExact) return [from]
  const beyond = Math.max(from, longestPrefix(cell)) + slots.size + 1
  const all = Array.from({ length: Math.min(beyond, MOST_ITEMS) - from }, (_, i) => from + i)
  return all.toSorted((a, b) => Number(slots.has(a)) - Number(slots.has(b)) || a - b)
}

function longestPrefix({ parts }: ArrayCell): number {
  return Math.max(0, ...parts.map(({ prefix }) => prefix.length))
}

function findItem(
  cell: ArrayCell,
  slot: number,
  wanted: readonly Wanted[],
  barred: readonly Node[],
  search: Search,
): Found {
  const met = cell.parts.map((part) => nodeForIndex(part, slot)).filter((node) => node !== undefined)
  return search.find(
    [...met, ...wanted.flatMap((one) => one.met)],
    [...cell.nowhere, ...wanted.flatMap((one) => one.refused), ...barred],
  )
}

function items(
  cell: ArrayCell,
  length: number,
  slots: ReadonlyMap<number, readonly Wanted[]>,
  given: ReadonlyMap<number, Json>,
  search: Search,
): Found {
  const values: Json[] = []
  for (let i = 0; i < length; i++) {
    search.tick()
    const fixed = given.get(i)
    const barred = [...(cell.isUnique ? values.map(search.constant) : []), ...full(cell, values)]
    const found = fixed === undefined ? findItem(cell, i, slots.get(i) ?? [], barred, search) : { value: fixed }
    if (!isFound(found))
      return found === 'none' && !isProof(cell, i, barred, values, search) ? { unknown: 'too-intricate' } : found
    values.push(found.value)
  }
  return { value: values }
}

/** Nodes of which no more items may be accepted. */
function full({ limited }: ArrayCell, values: readonly Json[]): Node[] {
  return limited
    .filter(({ node, max }) => values.filter((value) => accepts(node, value)).length >= max)
    .map(({ node }) => node)
}

/** Whether an item that cannot be found proves that there is no such array: items chosen before it left no other choice. */
function isProof(
  cell: ArrayCell,
  slot: number,
  barred: readonly Node[],
  values: readonly Json[],
  search: Search,
): boolean {
  if (slot >= cell.min) return false
  if (barred.length === 0) return true
  if (cell.wanted.length > 0 || cell.limited.length > 0) return false
  if (longestPrefix(cell) === 0) return true
  return values.every((value, i) => findItem(cell, i, [], [search.constant(value)], search) === 'none')
}

/** Two equal items, at places that stand for all pairs of places. */
function repeat(cell: ArrayCell, slots: ReadonlyMap<number, readonly Wanted[]>, search: Search): Found {
  const places = Array.from({ length: Math.min(longestPrefix(cell) + 2, cell.max) }, (_, i) => i)
  if (places.length > 40) return { unknown: 'too-intricate' }
  let failure: Found = cell.wanted.length > 0 ? { unknown: 'too-intricate' } : 'none'
  for (const [i, j] of places.flatMap((a) => places.slice(a + 1).map((b): [number, number] => [a, b]))) {
    const wanted = [...(slots.get(i) ?? []), ...(slots.get(j) ?? [])]
    const there = cell.parts.map((part) => nodeForIndex(part, j)).filter((node) => node !== undefined)
    const found = findItem(cell, i, [...wanted, { from: j, isExact: true, met: there, refused: [] }], [], search)
    if (!isFound(found)) {
      if (found !== 'none') failure = found
      continue
    }
    const length = Math.max(cell.min, j + 1, ...[...slots.keys()].map((slot) => slot + 1))
    const all = items(
      cell,
      length,
      slots,
      new Map([
        [i, found.value],
        [j, found.value],
      ]),
      search,
    )
    if (isFound(all)) return all
    failure = all === 'none' ? { unknown: 'too-intricate' } : all
  }
  return failure
}
