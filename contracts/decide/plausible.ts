import { isObject, type Json, type JsonObject } from '../json.ts'
import { ANY_TYPE, TYPE } from '../schema/types.ts'
import { accepts } from './accepts.ts'
import { type Found, isFound, type Search } from './family.ts'
import { isAny, isNever, type Node, nodeForIndex, nodesForKey } from './node.ts'
import { ANYTHING, ask } from './routes.ts'

export type Plausibly = {
  readonly find: Search['find']
  readonly constant: Search['constant']
  /** One of a list, by the seed and the name of the field. */
  readonly pick: <T>(list: readonly T[], name: string) => T | undefined
}

/**
 * A message as people would expect it: every declared field is there, with the schema's own examples where it has such,
 * and values that suit the field's name and format. Undefined where the schema allows none of this.
 */
export function plausible(node: Node, how: Plausibly): Json | undefined {
  return valueFor([node], '', { ...how, open: new Set(), left: { values: MOST_VALUES } })
}

const MOST_VALUES = 500

type Walk = Plausibly & { readonly open: ReadonlySet<Node>; readonly left: { values: number } }

function valueFor(met: readonly Node[], name: string, walk: Walk): Json | undefined {
  if (--walk.left.values < 0) return undefined
  if (met.every(isAny)) return walk.pick(WORDS, name)
  const nodes = opened(met, name, walk)
  const suits = (value: Json) => met.every((node) => accepts(node, value))
  const own = nodes.flatMap((node) => examplesOf(node)).filter(suits)
  if (own.length > 0) return walk.pick(own, name)
  const types = nodes.reduce((sum, { possible }) => sum & possible, ANY_TYPE)
  const inner = { ...walk, open: new Set([...walk.open, ...nodes]) }
  const offered = proposals(types, nodes, name, inner).find(suits)
  if (offered !== undefined) return offered
  if (types & TYPE.object) return repaired(met, nodes, inner)
  return valueOf(walk.find(met, []))
}

/** The nodes and all that they add to the same value; of a union, the branch that the seed picks. */
function opened(met: readonly Node[], name: string, { pick }: Walk): Node[] {
  const all = new Set(met)
  for (const { allOf, anyOf = [], oneOf = [] } of all) {
    const branches = [anyOf, oneOf]
      .map((list) => pick(list.filter(isLikely), name))
      .filter((node) => node !== undefined)
    for (const part of [...allOf, ...branches]) all.add(part)
  }
  return [...all]
}

/** Nothing is the least telling value of a union. */
function isLikely({ possible }: Node): boolean {
  return (possible & ~TYPE.null) !== 0
}

function examplesOf({ raw, candidates }: Node): readonly Json[] {
  const { examples, default: preset } = isObject(raw) ? raw : {}
  return [
    ...(Array.isArray(examples) ? (examples as Json[]) : []),
    ...(preset === undefined ? [] : [preset]),
    ...telling(candidates ?? []),
  ]
}

function telling(values: readonly Json[]): readonly Json[] {
  const some = values.filter((value) => value !== null)
  return some.length > 0 ? some : values
}

function proposals(types: number, nodes: readonly Node[], name: string, walk: Walk): Json[] {
  const list: Json[] = []
  if (types & TYPE.object) list.push(...declaredObject(nodes, walk))
  if (types & TYPE.array && (types === TYPE.array || nodes.some(describesItems)))
    list.push(...shortArray(nodes, name, walk))
  if (types & TYPE.string) list.push(...fitted(rotated(textsFor(nodes, name), name, walk), nodes))
  if (types & (TYPE.integer | TYPE.fraction)) list.push(...rotated(numbersFor(name), name, walk), ...NUMBERS)
  if (types & TYPE.boolean) list.push(true)
  return list
}

/** The texts, plain words after them, and for narrow bounds all of them cut or repeated. */
function fitted(texts: readonly string[], nodes: readonly Node[]): string[] {
  const min = Math.max(0, ...nodes.map(({ string }) => string.minLength))
  const max = Math.min(...nodes.map(({ string }) => string.maxLength))
  const all = [...texts, ...WORDS]
  if (min === 0 && max === Number.POSITIVE_INFINITY) return all
  const long = WORDS.map((word) => word.repeat(Math.ceil(Math.min(min, LONGEST_TEXT) / word.length)))
  return [...all, ...long, ...[...long, ...WORDS].map((text) => text.slice(0, max))]
}

const LONGEST_TEXT = 5_000

function rotated<T>(list: readonly T[], name: string, { pick }: Walk): T[] {
  const first = pick(list, name)
  return first === undefined ? [] : [first, ...list]
}

/** Where nothing is said of items, a list is no likely value, and could go on for ever inside. */
function describesItems({ array }: Node): boolean {
  return array.prefix.length > 0 || array.rest !== undefined
}

function declaredNames(nodes: readonly Node[]): string[] {
  const declared = nodes.flatMap(({ object }) => [...object.properties].filter(([, node]) => !isNever(node)))
  return [...new Set([...declared.map(([name]) => name), ...nodes.flatMap(({ object }) => object.required)])]
}

function declaredObject(nodes: readonly Node[], walk: Walk): JsonObject[] {
  if (nodes.every(({ types, object }) => types === ANY_TYPE && object.properties.size === 0)) return []
  const members = declaredNames(nodes).flatMap((name): [string, Json][] => {
    const value = memberFor(nodes, name, walk)
    return value === undefined ? [] : [[name, value]]
  })
  return [Object.fromEntries(members)]
}

/** Nothing for a field that leads back to where it stands, so that a recursive schema ends. */
function memberFor(nodes: readonly Node[], name: string, walk: Walk): Json | undefined {
  const met = nodes.flatMap(({ object }) => nodesForKey(object, name))
  const isRequired = nodes.some(({ object }) => object.required.includes(name))
  if (met.some((node) => reaches(node, walk.open))) return isRequired ? valueOf(walk.find(met, [])) : undefined
  return valueFor(met.length > 0 ? met : [ANYTHING], name, walk)
}

function reaches(node: Node, open: ReadonlySet<Node>): boolean {
  return open.has(node) || node.allOf.some((part) => reaches(part, open))
}

function shortArray(nodes: readonly Node[], name: string, walk: Walk): Json[][] {
  const min = Math.max(
    0,
    ...nodes.map(({ array }) => Math.max(array.minItems, array.prefix.length, array.contains?.min ?? 0)),
  )
  const max = Math.min(...nodes.map(({ array }) => array.maxItems))
  const length = Math.min(Math.max(min, 1), max, MOST_ITEMS)
  const items = Array.from({ length }, (_, i) => {
    const met = nodes.flatMap(({ array }) => nodeForIndex(array, i) ?? [])
    const isCircle = met.some((node) => reaches(node, walk.open))
    return isCircle ? undefined : valueFor(met.length > 0 ? met : [ANYTHING], `${name} ${i}`, walk)
  })
  const whole = items.filter((item) => item !== undefined)
  return [whole, []]
}

const MOST_ITEMS = 50

/** Takes field after field in, and lets the search say what still goes together. */
function repaired(met: readonly Node[], nodes: readonly Node[], walk: Walk): Json | undefined {
  let best = walk.find(met, [])
  let fixed: ReadonlyMap<string, Node> = new Map()
  for (const name of declaredNames(nodes)) {
    if (!isFound(best)) break
    for (const wish of wishesFor(nodes, name, walk)) {
      const wanted = new Map([...fixed, [name, wish]])
      const found = walk.find([...met, having(wanted)], [])
      if (!isFound(found)) continue
      best = found
      fixed = wanted
      break
    }
  }
  return valueOf(best)
}

function wishesFor(nodes: readonly Node[], name: string, walk: Walk): Node[] {
  const value = memberFor(nodes, name, walk)
  return value === undefined ? [] : [walk.constant(value), ANYTHING]
}

function having(members: ReadonlyMap<string, Node>): Node {
  const key = JSON.stringify([...members].map(([name, { id }]) => [name, id]))
  return ask(`all of ${key}`, { types: TYPE.object, object: { properties: members, required: [...members.keys()] } })
}

function valueOf(found: Found): Json | undefined {
  return isFound(found) ? found.value : undefined
}

const TEXTS: { readonly [format: string]: readonly string[] } = {
  uuid: ['7d444840-9dc0-41d1-b245-5ffdce74fad2', '0f8fad5b-d9cb-469f-a165-70867728950e'],
  'date-time': ['2026-11-20T08:30:00Z', '2026-02-03T17:05:30Z'],
  date: ['2026-11-20', '2026-02-03'],
  time: ['08:30:00Z', '17:05:30Z'],
  duration: ['PT1H30M', 'P1D'],
  email: ['someone@example.com', 'office@example.org'],
  hostname: ['www.example.com', 'example.org'],
  uri: ['https://example.com/orders/42', 'https://example.org/'],
  url: ['https://example.com/orders/42', 'https://example.org/'],
  ipv4: ['192.0.2.10', '198.51.100.7'],
  ipv6: ['2001:db8::1', '2001:db8::2'],
}
const WORDS: readonly string[] = ['blue', 'green', 'amber', 'silver', 'violet']
const BY_NAME: readonly (readonly [name: RegExp, texts: readonly string[]])[] = [
  [/mail/i, TEXTS.email ?? []],
  [/ur[il]$|link|href/i, TEXTS.uri ?? []],
  [/(?:time|_at|At)$/, TEXTS['date-time'] ?? []],
  [/date|day/i, TEXTS.date ?? []],
  [/country/i, ['DE', 'FR']],
  [/currency/i, ['EUR', 'USD']],
  [/(?:city|town)/i, ['Lisbon', 'Oslo']],
  [/(?:^|_)id$|Id$|key|code/i, ['A-1042', 'B-2077']],
  [/note|comment|description|text|message|reason/i, ['A short text.', 'Another short text.']],
]

function textsFor(nodes: readonly Node[], name: string): readonly string[] {
  const formats = nodes.flatMap(({ string }) => string.format ?? [])
  const known = formats.flatMap((format) => (Object.hasOwn(TEXTS, format) ? (TEXTS[format] ?? []) : []))
  if (known.length > 0) return known
  const named = BY_NAME.find(([pattern]) => pattern.test(name))
  return named ? named[1] : WORDS
}

const NUMBERS: readonly number[] = [3, 12, 42, 1, 100, 0.5]
const NUMBERS_BY_NAME: readonly (readonly [name: RegExp, numbers: readonly number[]])[] = [
  [/time|stamp|(?:_at|At)$/, [1_795_163_400_000, 1_770_138_330_000]],
  [/year/i, [2026, 2025]],
  [/price|amount|total|cost/i, [19.99, 5, 20]],
  [/percent|ratio|share/i, [0.5, 0.25, 50]],
]

function numbersFor(name: string): readonly number[] {
  const named = NUMBERS_BY_NAME.find(([pattern]) => pattern.test(name))
  return named ? named[1] : NUMBERS
}
