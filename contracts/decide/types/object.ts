import type { Json } from '../../json.ts'
import { canonicalJson } from '../../schema/canonical.ts'
import { accepts } from '../accepts.ts'
import { type Branch, type Family, type Found, isFound, type Search } from '../family.ts'
import { isAdditional, isAny, type Node, nodesForKey, type ObjectPart } from '../node.ts'

/** A member that must be there, under some name of a kind, with a value that a node refuses. */
type Extra =
  | { readonly kind: 'additional'; readonly part: ObjectPart; readonly node: Node }
  | { readonly kind: 'pattern'; readonly source: string; readonly regex: RegExp; readonly node: Node }
  | { readonly kind: 'name'; readonly node: Node }

type ObjectCell = {
  min: number
  max: number
  readonly required: Set<string>
  readonly absent: Set<string>
  readonly parts: ObjectPart[]
  readonly names: Node[]
  readonly refused: Map<string, Node[]>
  readonly extras: Extra[]
}

export const objects: Family<ObjectCell> = {
  create: () => ({
    min: 0,
    max: Number.POSITIVE_INFINITY,
    required: new Set(),
    absent: new Set(),
    parts: [],
    names: [],
    refused: new Map(),
    extras: [],
  }),
  copy: (cell) => ({
    ...cell,
    required: new Set(cell.required),
    absent: new Set(cell.absent),
    parts: [...cell.parts],
    names: [...cell.names],
    refused: new Map(cell.refused),
    extras: [...cell.extras],
  }),
  meet,
  choices,
  refuse,
  isDisjoint,
  build,
}

function meet({ object }: Node, cell: ObjectCell): boolean {
  cell.min = Math.max(cell.min, object.minProperties)
  cell.max = Math.min(cell.max, object.maxProperties)
  if (object.properties.size > 0 || object.patterns.length > 0 || object.additional) cell.parts.push(object)
  if (object.propertyNames) cell.names.push(object.propertyNames)
  return object.required.every((name) => require(cell, name)) && isInhabited(cell)
}

function require(cell: ObjectCell, name: string): boolean {
  cell.required.add(name)
  return !cell.absent.has(name) && isInhabited(cell)
}

function forbid(cell: ObjectCell, name: string): boolean {
  cell.absent.add(name)
  return !cell.required.has(name)
}

function isInhabited({ min, max, required }: ObjectCell): boolean {
  return min <= max && required.size <= max
}

const NO_CHOICES: readonly Branch<ObjectCell>[][] = []

function choices({ object }: Node): readonly Branch<ObjectCell>[][] {
  if (object.dependentRequired.length === 0 && object.dependentSchemas.length === 0) return NO_CHOICES
  const lists = object.dependentRequired.map(([name, names]) => [
    { literals: [], enter: (cell: ObjectCell) => forbid(cell, name) },
    { literals: [], enter: (cell: ObjectCell) => names.every((other) => require(cell, other)) },
  ])
  const schemas = object.dependentSchemas.map(([name, node]) => [
    { literals: [], enter: (cell: ObjectCell) => forbid(cell, name) },
    { literals: [{ node, isMet: true }], enter: () => true },
  ])
  return [...lists, ...schemas]
}

function refuse(node: Node): Branch<ObjectCell>[] {
  const { object } = node
  const ways: Branch<ObjectCell>[] = object.required.map((name) => ({
    literals: [],
    enter: (cell) => forbid(cell, name),
  }))
  for (const [name, member] of object.properties) if (!isAny(member)) ways.push(refusedMember(name, member))
  const extras: Extra[] = object.patterns.map(({ source, regex, node: at }) => ({
    kind: 'pattern',
    source,
    regex,
    node: at,
  }))
  if (object.additional && !isAny(object.additional))
    extras.push({ kind: 'additional', part: object, node: object.additional })
  if (object.propertyNames) extras.push({ kind: 'name', node: object.propertyNames })
  for (const extra of extras) ways.push({ literals: [], enter: (cell) => cell.extras.push(extra) > 0 })
  if (object.minProperties > 0)
    ways.push({
      literals: [],
      enter: (cell) => ((cell.max = Math.min(cell.max, object.minProperties - 1)), isInhabited(cell)),
    })
  if (object.maxProperties < Number.POSITIVE_INFINITY)
    ways.push({
      literals: [],
      enter: (cell) => ((cell.min = Math.max(cell.min, object.maxProperties + 1)), isInhabited(cell)),
    })
  for (const [name, names] of object.dependentRequired)
    for (const other of names) ways.push({ literals: [], enter: (cell) => require(cell, name) && forbid(cell, other) })
  for (const [name, at] of object.dependentSchemas)
    ways.push({ literals: [{ node: at, isMet: false }], enter: (cell) => require(cell, name) })
  if (node.values) ways.push({ literals: node.structures.map((structure) => ({ node: structure, isMet: false })) })
  return ways
}

function refusedMember(name: string, member: Node): Branch<ObjectCell> {
  return {
    literals: [],
    isDead: (cell, search) =>
      cell.absent.has(name) || search.find(metBy(cell, name), [...(cell.refused.get(name) ?? []), member]) === 'none',
    enter: (cell) => {
      cell.refused.set(name, [...(cell.refused.get(name) ?? []), member])
      return require(cell, name)
    },
  }
}

/** All that a member's value must meet. */
function metBy(cell: ObjectCell, name: string): Node[] {
  return cell.parts.flatMap((part) => nodesForKey(part, name))
}

/** Disjoint by a member that must be there: forbidden on one side, of other types, or one of other values, as tags are. */
function isDisjoint(cell: ObjectCell, node: Node, depth = 0): boolean {
  if (
    node.object.required.some((name) => cell.absent.has(name) || (!cell.required.has(name) && isForbidden(cell, name)))
  )
    return true
  for (const [name, member] of node.object.properties)
    if (cell.required.has(name) && metBy(cell, name).some((other) => haveNothingInCommon(other, member))) return true
  return depth < MOST_DEPTH && node.allOf.some((part) => isDisjoint(cell, part, depth + 1))
}

/** How far references are followed for a cheap proof. */
const MOST_DEPTH = 4

function isForbidden(cell: ObjectCell, name: string): boolean {
  return metBy(cell, name).some(({ possible }) => possible === 0)
}

function haveNothingInCommon(a: Node, b: Node): boolean {
  if ((a.possible & b.possible) === 0) return true
  if (!a.candidates || !b.candidates || a.candidates.length + b.candidates.length > 64) return false
  const texts = new Set(b.candidates.map(canonicalJson))
  return a.candidates.every((value) => !texts.has(canonicalJson(value)))
}

function build(cell: ObjectCell, search: Search): Found {
  const members = new Map<string, Json>()
  for (const name of cell.required) {
    const found = findMember(cell, name, [], search)
    if (!isFound(found)) return found
    members.set(name, found.value)
  }
  for (const extra of cell.extras) {
    const added = addExtra(cell, extra, members, search)
    if (added !== undefined) return added
  }
  const filled = fill(cell, members, search)
  return filled ?? { value: Object.fromEntries(inOrder(cell, members)) }
}

function findMember(cell: ObjectCell, name: string, refused: readonly Node[], search: Search): Found {
  if (cell.absent.has(name) || cell.names.some((node) => !accepts(node, name))) return 'none'
  return search.find(metBy(cell, name), [...(cell.refused.get(name) ?? []), ...refused])
}

/** Adds one member of the kind that an extra asks for; says why where there is none. */
function addExtra(cell: ObjectCell, extra: Extra, members: Map<string, Json>, search: Search): Found | undefined {
  let failure: Found = 'none'
  for (const name of namesFor(cell, extra, search)) {
    if (typeof name !== 'string') {
      failure = name
      continue
    }
    const found = findMember(cell, name, extra.kind === 'name' ? [] : [extra.node], search)
    if (isFound(found) && (members.has(name) || members.size < cell.max)) return void members.set(name, found.value)
    // there is room for no other name, unless one was chosen that need not be there
    if (isFound(found)) failure = members.size > cell.required.size ? { unknown: 'too-intricate' } : failure
    else if (found !== 'none') failure = found
  }
  return failure
}

const MOST_PATTERNS = 6

/**
 * Names that stand for all names of the kind: those that any schema here mentions, and of the others one for each way to
 * match or not match the patterns in play. Ends with the reason where some names could not be found out.
 */
function* namesFor(
  cell: ObjectCell,
  extra: Extra,
  search: Search,
): Generator<string | { readonly unknown: 'pattern' | 'too-intricate' }> {
  const mentioned = new Set([
    ...cell.required,
    ...cell.refused.keys(),
    ...cell.parts.flatMap(({ properties }) => [...properties.keys()]),
  ])
  for (const name of mentioned) if (isOfKind(extra, name)) yield name
  const sources = new Set(cell.parts.flatMap(({ patterns }) => patterns.map(({ source }) => source)))
  const [must, mustNot] = [
    new Set(extra.kind === 'pattern' ? [extra.source] : []),
    new Set(extra.kind === 'additional' ? extra.part.patterns.map(({ source }) => source) : []),
  ]
  const free = [...sources].filter((source) => !must.has(source) && !mustNot.has(source))
  if (free.length > MOST_PATTERNS) yield { unknown: 'too-intricate' }
  for (let bits = 0; bits < 2 ** Math.min(free.length, MOST_PATTERNS); bits++) {
    const matching = [...must, ...free.filter((_, i) => (bits >> i) & 1)]
    const avoiding = [...mustNot, ...free.filter((_, i) => !((bits >> i) & 1))]
    const declared = extra.kind === 'additional' ? extra.part.properties.keys() : []
    const found = findName(
      cell,
      [...mentioned, ...cell.absent, ...declared],
      matching,
      avoiding,
      extra.kind === 'name' ? [extra.node] : [],
      search,
    )
    if (found === 'none') continue
    yield isFound(found) && typeof found.value === 'string' ? found.value : { unknown: 'pattern' }
  }
}

function isOfKind(extra: Extra, name: string): boolean {
  if (extra.kind === 'additional') return isAdditional(extra.part, name)
  return extra.kind === 'pattern' ? extra.regex.test(name) : !accepts(extra.node, name)
}

function findName(
  cell: ObjectCell,
  taken: readonly string[],
  matching: readonly string[],
  avoiding: readonly string[],
  refused: readonly Node[],
  search: Search,
): Found {
  const met = [search.matching(''), ...cell.names, ...matching.map(search.matching)]
  return search.find(met, [...refused, ...avoiding.map(search.matching), ...taken.map(search.constant)])
}

/** Adds members until there are as many as there must be. */
function fill(cell: ObjectCell, members: Map<string, Json>, search: Search): Found | undefined {
  if (members.size > cell.max) return { unknown: 'too-intricate' }
  let failure: Found = 'none'
  const anything: Extra = { kind: 'pattern', source: '', regex: /(?:)/u, node: search.constant(null) }
  while (members.size < cell.min) {
    search.tick()
    const before = members.size
    const taken: ObjectCell = { ...cell, required: new Set([...cell.required, ...members.keys()]) }
    for (const name of namesFor(taken, anything, search)) {
      if (typeof name !== 'string') failure = name
      else if (!members.has(name)) {
        const found = findMember(cell, name, [], search)
        if (isFound(found)) {
          members.set(name, found.value)
          break
        }
        if (found !== 'none') failure = found
      }
    }
    // members beyond those that must be there were chosen freely, so that running out of names proves nothing then
    if (members.size === before)
      return failure === 'none' && cell.extras.length > 0 ? { unknown: 'too-intricate' } : failure
  }
  return undefined
}

/** Members in the order in which schemas declare them. */
function inOrder(cell: ObjectCell, members: ReadonlyMap<string, Json>): [string, Json][] {
  const declared = cell.parts.flatMap(({ properties }) => [...properties.keys()])
  const names = new Set([...declared.filter((name) => members.has(name)), ...members.keys()])
  return [...names].map((name) => [name, members.get(name) ?? null])
}
