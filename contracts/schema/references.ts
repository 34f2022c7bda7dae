import type { Finding } from '../finding.ts'
import { isObject, pointerTo, valueAt } from '../json.ts'
import type { Dialect } from './dialect.ts'
import { isSchemaShaped, type JsonSchema, subschemasOf } from './keywords.ts'

/** Every subschema of a document, and where each `$ref` among them leads. Nothing outside the document is ever looked up. */
export type References = {
  readonly places: readonly Place[]
  /** Where a `$ref` that stands in the schema at `pointer` leads, or undefined when that is not in the document. */
  readonly follow: (ref: string, pointer: string) => Target | undefined
  /** Whether the place that a `$dynamicRef` or `$recursiveRef` leads to may depend on the way there. */
  readonly isDynamic: boolean
}
export type Target = { readonly schema: JsonSchema; readonly pointer: string }
export type Place = Target & { readonly base: string }

const NOWHERE = 'concordat:///'

/** Indexes a document's `$id`s and anchors, so that references can be followed by name as well as by pointer. */
export function indexReferences(root: JsonSchema, dialect: Dialect): References {
  const places: Place[] = []
  const bases = new Map<string, string>()
  const named = new Map<string, Target>([[NOWHERE, { schema: root, pointer: '' }]])

  const enter = (from: Target, parentBase: string): void => {
    for (const place of placesBelow(from, parentBase, dialect)) {
      if (bases.has(place.pointer)) continue
      bases.set(place.pointer, place.base)
      places.push(place)
      for (const name of namesOf(place)) if (!named.has(name)) named.set(name, place)
    }
  }
  const follow = (ref: string, pointer: string): Target | undefined => {
    const url = resolve(ref, bases.get(pointer) ?? NOWHERE)
    if (url === undefined) return undefined
    const [document = '', fragment = ''] = url.split('#')
    const home = named.get(url) ?? named.get(document)
    return home === undefined || named.has(url) ? home : below(home, fragment)
  }

  enter({ schema: root, pointer: '' }, NOWHERE)
  // A reference may lead to a schema under a keyword that JSON Schema does not know; from there the walk goes on.
  for (let i = 0; i < places.length; i++) {
    const { schema, pointer, base } = places[i] as Place
    for (const ref of refsOf(schema)) {
      const target = follow(ref, pointer)
      if (target && !bases.has(target.pointer)) enter(target, base)
    }
  }
  return { places, follow, isDynamic: places.filter(({ schema }) => isAnchored(schema)).length > 1 }
}

/** Finds references that lead out of the document, and circles that consume nothing. */
export function checkReferences({ places, follow }: References): Finding[] {
  const findings: Finding[] = []
  const onward = new Map<string, Edge[]>()
  for (const { schema, pointer } of places) {
    const here = subschemasOf(schema, pointer).filter(({ about }) => about === 'here')
    const edges: Edge[] = here.map((child) => ({ to: child.pointer }))
    for (const ref of refsOf(schema)) {
      const target = follow(ref, pointer)
      if (target) edges.push({ to: target.pointer, ref })
      else findings.push({ code: 'ref.unresolved', at: pointerTo(pointer, '$ref'), reader: { pointer, value: ref } })
    }
    onward.set(pointer, edges)
  }
  return findings.length > 0 ? findings : findCircle(onward)
}

type Edge = { readonly to: string; readonly ref?: string }
type Step = { readonly at: string; next: number }

/** Depth-first over "speaks of the same value"; without recursion, since a hostile document may be one long chain. */
function findCircle(onward: ReadonlyMap<string, readonly Edge[]>): Finding[] {
  const open = new Set<string>()
  const done = new Set<string>()
  for (const start of onward.keys()) {
    const path: Step[] = done.has(start) ? [] : [{ at: start, next: 0 }]
    for (let top = path.at(-1); top; top = path.at(-1)) {
      open.add(top.at)
      const edge = onward.get(top.at)?.[top.next++]
      if (edge === undefined) {
        open.delete(top.at)
        done.add(top.at)
        path.pop()
      } else if (open.has(edge.to)) {
        return [{ code: 'ref.circular', at: top.at, reader: { pointer: edge.to, value: edge.ref ?? edge.to } }]
      } else if (!done.has(edge.to)) path.push({ at: edge.to, next: 0 })
    }
  }
  return []
}

function* placesBelow(from: Target, parentBase: string, dialect: Dialect): Generator<Place> {
  const queue: Place[] = [{ ...from, base: baseOf(from.schema, parentBase, dialect) }]
  for (let next = queue.pop(); next; next = queue.pop()) {
    yield next
    for (const { schema, pointer } of subschemasOf(next.schema, next.pointer).toReversed())
      queue.push({ schema, pointer, base: baseOf(schema, next.base, dialect) })
  }
}

function namesOf({ schema, base }: Place): string[] {
  if (!isObject(schema)) return []
  const id = schema.$id
  const own = typeof id === 'string' ? [id.startsWith('#') ? base + id : base] : []
  const anchors = [schema.$anchor, schema.$dynamicAnchor].filter((anchor) => typeof anchor === 'string')
  return [...own, ...anchors.map((anchor) => `${base}#${anchor}`)]
}

function isAnchored(schema: JsonSchema): boolean {
  return isObject(schema) && (typeof schema.$dynamicAnchor === 'string' || schema.$recursiveAnchor === true)
}

function refsOf(schema: JsonSchema): string[] {
  if (!isObject(schema)) return []
  return [schema.$ref, schema.$dynamicRef, schema.$recursiveRef].filter((ref) => typeof ref === 'string')
}

function baseOf(schema: JsonSchema, parent: string, dialect: Dialect): string {
  if (!isObject(schema)) return parent
  // in draft-07 nothing that stands beside `$ref` counts
  const id = dialect === 'draft-07' && '$ref' in schema ? undefined : schema.$id
  return typeof id === 'string' ? (resolve(id, parent)?.split('#')[0] ?? parent) : parent
}

function resolve(ref: string, base: string): string | undefined {
  return URL.canParse(ref, base) ? new URL(ref, base).href.replace(/#$/, '') : undefined
}

function below(home: Target, fragment: string): Target | undefined {
  if (fragment === '') return home
  const pointer = decode(fragment)
  if (!pointer?.startsWith('/')) return undefined
  const schema = valueAt(home.schema, pointer)
  return isSchemaShaped(schema) ? { schema, pointer: home.pointer + pointer } : undefined
}

function decode(fragment: string): string | undefined {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return undefined
  }
}
