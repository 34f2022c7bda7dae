import type { Place } from '../finding.ts'
import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'
import { matchBranches } from './branches.ts'
import { renamesBetween } from './renamed-fields.ts'

/** What two versions say differently. */
export type Told = {
  readonly kind: 'added' | 'removed' | 'changed' | 'renamed'
  readonly keyword: string
  /** The field that the difference is about, where it is one; of a renamed field the new name. */
  readonly name?: string
  /** The old name of a renamed field. */
  readonly from?: string
  readonly older?: Place
  readonly newer?: Place
}

/** One difference, and how the older version is brought to say it like the newer one. */
export type Difference = {
  readonly told: Told
  /** Where in the older version the schema stands that `apply` changes. */
  readonly pointer: string
  /** What is taken from the newer version goes through `brought`, so that its references are kept. */
  readonly apply: (schema: JsonObject, brought: (value: Json) => Json) => JsonSchema
}

/** What differs at one place of the messages, and below it. */
export type PlaceOfDifferences = {
  readonly at: string
  readonly differences: Difference[]
  readonly below: Map<string, PlaceOfDifferences>
}

const MOST_DIFFERENCES = 200

/** Walks two versions side by side, along fields and items, through references and branches. */
export function findDifferences(older: Schema, newer: Schema): { root: PlaceOfDifferences; isCut: boolean } {
  const root: PlaceOfDifferences = { at: '', differences: [], below: new Map() }
  const walk: Walk = { older, newer, seen: new Set(), left: MOST_DIFFERENCES, isCut: false }
  walkPair(walk, { schema: older.root, pointer: '' }, { schema: newer.root, pointer: '' }, root)
  return { root, isCut: walk.isCut }
}

type Walk = {
  readonly older: Schema
  readonly newer: Schema
  readonly seen: Set<string>
  left: number
  isCut: boolean
}

/** The same place of both versions: their schemas there, and what is known to differ. */
type Pair = {
  readonly walk: Walk
  readonly older: JsonObject
  readonly newer: JsonObject
  readonly pointers: readonly [older: string, newer: string]
  readonly place: PlaceOfDifferences
}

function walkPair(walk: Walk, from: Target, to: Target, place: PlaceOfDifferences): void {
  const key = `${from.pointer} ${to.pointer}`
  if (walk.seen.has(key)) return
  walk.seen.add(key)
  const [older, newer] = [followed(walk.older, from), followed(walk.newer, to)]
  if (older !== from || newer !== to) return walkPair(walk, older, newer, place)
  if (isObject(older.schema) && isObject(newer.schema))
    return walkKeywords({
      walk,
      older: older.schema,
      newer: newer.schema,
      pointers: [older.pointer, newer.pointer],
      place,
    })
  if (older.schema === newer.schema) return
  const value = newer.schema
  const told = {
    older: { pointer: older.pointer, value: older.schema },
    newer: { pointer: newer.pointer, value: newer.schema },
  }
  add(walk, place, {
    told: {
      kind: 'changed',
      keyword: '',
      ...told,
    },
    pointer: older.pointer,
    apply: (_, brought) => brought(value) as JsonSchema,
  })
}

/** A schema that only refers to another one is that one. */
function followed({ references }: Schema, target: Target): Target {
  const { schema, pointer } = target
  if (!isObject(schema) || typeof schema.$ref !== 'string') return target
  const isAlone = Object.keys(schema).every((keyword) => keyword === '$ref' || SILENT.has(keyword))
  return isAlone ? (references.follow(schema.$ref, pointer) ?? target) : target
}

function add(walk: Walk, place: PlaceOfDifferences, difference: Difference): void {
  if (--walk.left < 0) walk.isCut = true
  else place.differences.push(difference)
}

/** What says nothing of messages. `$schema` does: it is how all else is read. */
const SILENT = new Set(
  'title description default examples $comment deprecated readOnly writeOnly $id $anchor $defs definitions $vocabulary'.split(
    ' ',
  ),
)

const BY_SCHEMA: { readonly [keyword: string]: (pair: Pair) => boolean } = {
  properties: walkFields,
  required: walkRequired,
  items: (pair) => walkOne(pair, 'items') || walkList(pair, 'items', true),
  prefixItems: (pair) => walkList(pair, 'prefixItems', true),
  additionalItems: (pair) => walkOne(pair, 'additionalItems'),
  additionalProperties: (pair) => walkOne(pair, 'additionalProperties'),
  patternProperties: walkPatterns,
  allOf: (pair) => walkList(pair, 'allOf', false),
  anyOf: (pair) => walkBranches(pair, 'anyOf'),
  oneOf: (pair) => walkBranches(pair, 'oneOf'),
  $ref: walkReference,
}

function walkKeywords(pair: Pair): void {
  const keywords = new Set([...Object.keys(pair.older), ...Object.keys(pair.newer)])
  for (const keyword of keywords) {
    if (SILENT.has(keyword)) continue
    const isWalked = Object.hasOwn(BY_SCHEMA, keyword) && BY_SCHEMA[keyword]?.(pair)
    if (!isWalked) compareKeyword(pair, keyword)
  }
}

/** A keyword as one value. */
function compareKeyword(pair: Pair, keyword: string): void {
  const { walk, older, newer, pointers, place } = pair
  const [before, after] = [older[keyword], newer[keyword]]
  if (before !== undefined && textOf(keyword, before) === textOf(keyword, after)) return walkInside(pair, before)
  add(walk, place, {
    told: {
      kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
      keyword,
      ...places(pointers, [before, after], keyword),
    },
    pointer: pointers[0],
    apply: (schema, brought) => put(schema, keyword, after === undefined ? undefined : brought(after)),
  })
}

/** What is said in the same words may refer to what is not. */
function walkInside({ walk, pointers, place }: Pair, value: Json): void {
  if (typeof value !== 'object' || value === null) return
  const refs = JSON.stringify(value).matchAll(/"\$ref":("(?:[^"\\]|\\.)*")/g)
  for (const [, text = '""'] of refs) {
    const ref = String(JSON.parse(text))
    const [from, to] = [walk.older.references.follow(ref, pointers[0]), walk.newer.references.follow(ref, pointers[1])]
    if (from && to) walkPair(walk, from, to, place)
  }
}

const SETS = new Set(['enum', 'type', 'required'])

function textOf(keyword: string, value: Json | undefined): string | undefined {
  if (value === undefined) return undefined
  if (!SETS.has(keyword)) return canonicalJson(value)
  return (Array.isArray(value) ? value : [value])
    .map((item: Json) => canonicalJson(item))
    .toSorted()
    .join()
}

function put(schema: JsonObject, keyword: string, value: Json | undefined): JsonObject {
  const others = Object.entries(schema).filter(([other]) => other !== keyword)
  return Object.fromEntries(value === undefined ? others : [...others, [keyword, value]])
}

function places(
  pointers: Pair['pointers'],
  [before, after]: readonly [Json | undefined, Json | undefined],
  ...steps: string[]
): Pick<Told, 'older' | 'newer'> {
  return {
    ...(before === undefined ? {} : { older: { pointer: pointerTo(pointers[0], ...steps), value: before } }),
    ...(after === undefined ? {} : { newer: { pointer: pointerTo(pointers[1], ...steps), value: after } }),
  }
}

function below(place: PlaceOfDifferences, step: string): PlaceOfDifferences {
  const known = place.below.get(step)
  if (known) return known
  const made = { at: pointerTo(place.at, step), differences: [], below: new Map() }
  place.below.set(step, made)
  return made
}

function walkBoth({ walk, pointers, place }: Pair, both: readonly [JsonSchema, JsonSchema], end: End): void {
  const [from, to = from] = end.steps
  walkPair(
    walk,
    { schema: both[0], pointer: pointerTo(pointers[0], ...from) },
    { schema: both[1], pointer: pointerTo(pointers[1], ...to) },
    end.step === undefined ? place : below(place, end.step),
  )
}

/** How a part is reached: the keywords on both sides, equal unless told otherwise, and the step in the message. */
type End = {
  readonly steps: readonly [from: readonly (string | number)[], to?: readonly (string | number)[]]
  readonly step?: string
}

function fieldsOf({ properties }: JsonObject): JsonObject {
  return isObject(properties) ? properties : {}
}

function requiredOf({ required }: JsonObject): string[] {
  return Array.isArray(required) ? required.map(String) : []
}

function walkFields(pair: Pair): true {
  const [before, after] = [fieldsOf(pair.older), fieldsOf(pair.newer)]
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name))
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name))
  const renames = renamesBetween(pair.walk.older, pair.walk.newer, pair.pointers, { removed, added })
  const moved = new Set([...renames].flat())
  for (const [name, schema] of Object.entries(before)) {
    const other = after[name]
    if (isSchemaShaped(schema) && isSchemaShaped(other))
      walkBoth(pair, [schema, other], { steps: [['properties', name]], step: name })
  }
  for (const [to, from] of renames) addField(pair, { kind: 'renamed', from, to })
  for (const from of removed) if (!moved.has(from)) addField(pair, { kind: 'removed', from })
  for (const to of added) if (!moved.has(to)) addField(pair, { kind: 'added', to })
  return true
}

type Field = { readonly kind: 'added' | 'removed' | 'renamed'; readonly from?: string; readonly to?: string }

/** A field comes and goes together with its place among the required ones. */
function addField({ walk, older, newer, pointers, place }: Pair, { kind, from, to }: Field): void {
  const before = from === undefined ? undefined : fieldsOf(older)[from]
  const after = to === undefined ? undefined : fieldsOf(newer)[to]
  const name = to ?? from ?? ''
  const isRequired = requiredOf(newer).includes(name)
  add(walk, kind === 'renamed' ? place : below(place, name), {
    told: {
      kind,
      keyword: 'properties',
      name,
      ...(kind === 'renamed' && from !== undefined ? { from } : {}),
      ...(before === undefined
        ? {}
        : { older: { pointer: pointerTo(pointers[0], 'properties', from ?? ''), value: before } }),
      ...(after === undefined
        ? {}
        : { newer: { pointer: pointerTo(pointers[1], 'properties', to ?? ''), value: after } }),
    },
    pointer: pointers[0],
    apply: (schema, brought) => {
      const kept = Object.entries(fieldsOf(schema)).filter(([field]) => field !== from)
      const others = requiredOf(schema).filter((field) => field !== from && field !== name)
      const properties = Object.fromEntries(after === undefined ? kept : [...kept, [name, brought(after)]])
      const required = isRequired ? [...others, name] : others
      return put(put(schema, 'properties', properties), 'required', required.length > 0 ? required : undefined)
    },
  })
}

/** Of the fields that are declared on both sides, or on none. */
function walkRequired(pair: Pair): true {
  const { walk, older, newer, pointers, place } = pair
  const [before, after] = [requiredOf(older), requiredOf(newer)]
  const isOwn = (name: string) => Object.hasOwn(fieldsOf(older), name) === Object.hasOwn(fieldsOf(newer), name)
  const values = places(pointers, [older.required, newer.required], 'required')
  const change = (kind: 'added' | 'removed', name: string) =>
    add(walk, below(place, name), {
      told: {
        kind,
        keyword: 'required',
        name,
        ...values,
      },
      pointer: pointers[0],
      apply: (schema) => {
        const others = requiredOf(schema).filter((other) => other !== name)
        const required = kind === 'added' ? [...others, name] : others
        return put(schema, 'required', required.length > 0 ? required : undefined)
      },
    })
  for (const name of before) if (!after.includes(name) && isOwn(name)) change('removed', name)
  for (const name of after) if (!before.includes(name) && isOwn(name)) change('added', name)
  return true
}

function walkPatterns(pair: Pair): boolean {
  const [before, after] = [pair.older.patternProperties, pair.newer.patternProperties]
  if (!isObject(before) || !isObject(after)) return false
  if (Object.keys(before).toSorted().join('\n') !== Object.keys(after).toSorted().join('\n')) return false
  for (const [source, schema] of Object.entries(before)) {
    const other = after[source]
    if (isSchemaShaped(schema) && isSchemaShaped(other))
      walkBoth(pair, [schema, other], { steps: [['patternProperties', source]], step: '*' })
  }
  return true
}

function walkOne(pair: Pair, keyword: string): boolean {
  const [before, after] = [pair.older[keyword], pair.newer[keyword]]
  if (!isObject(before) || !isObject(after)) return false
  walkBoth(pair, [before, after], { steps: [[keyword]], step: '*' })
  return true
}

function walkList(pair: Pair, keyword: string, isInside: boolean): boolean {
  const [before, after] = [listOf(pair.older[keyword]), listOf(pair.newer[keyword])]
  if (before.length === 0 || before.length !== after.length) return false
  for (const [i, schema] of before.entries())
    walkBoth(pair, [schema, after[i] ?? true], {
      steps: [[keyword, i]],
      ...(isInside ? { step: String(i) } : {}),
    })
  return true
}

function listOf(value: Json | undefined): JsonSchema[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((item) => isSchemaShaped(item)) : []
}

function walkReference({ walk, older, newer, pointers, place }: Pair): boolean {
  if (typeof older.$ref !== 'string' || typeof newer.$ref !== 'string') return false
  const from = walk.older.references.follow(older.$ref, pointers[0])
  const to = walk.newer.references.follow(newer.$ref, pointers[1])
  if (!from || !to) return false
  walkPair(walk, from, to, place)
  return true
}

/** Branches are told apart by what they say, then by their tag, then, where one is left on each side, by that. */
function walkBranches(pair: Pair, keyword: 'anyOf' | 'oneOf'): boolean {
  const [before, after] = [listOf(pair.older[keyword]), listOf(pair.newer[keyword])]
  if (before.length === 0 || after.length === 0) return false
  const matches = matchBranches(before, after)
  for (const [i, j] of matches)
    walkBoth(pair, [before[i] ?? true, after[j] ?? true], {
      steps: [
        [keyword, i],
        [keyword, j],
      ],
    })
  const [gone, come] = [new Set(matches.keys()), new Set(matches.values())]
  for (const [i, branch] of before.entries()) if (!gone.has(i)) addBranch(pair, keyword, { kind: 'removed', i, branch })
  for (const [i, branch] of after.entries()) if (!come.has(i)) addBranch(pair, keyword, { kind: 'added', i, branch })
  return true
}

type Branch = { readonly kind: 'added' | 'removed'; readonly i: number; readonly branch: JsonSchema }

function addBranch({ walk, pointers, place }: Pair, keyword: string, { kind, i, branch }: Branch): void {
  const values: [Json | undefined, Json | undefined] = kind === 'added' ? [undefined, branch] : [branch, undefined]
  const text = canonicalJson(branch)
  add(walk, place, {
    told: {
      kind,
      keyword,
      ...places(pointers, values, keyword, String(i)),
    },
    pointer: pointers[0],
    apply: (schema, brought) => {
      const branches = listOf(schema[keyword])
      const others = branches.filter((other) => canonicalJson(other) !== text)
      if (kind === 'added') return { ...schema, [keyword]: [...branches, brought(branch)] }
      // a list without branches is no schema
      return { ...schema, [keyword]: others.length > 0 ? others : [false] }
    },
  })
}
