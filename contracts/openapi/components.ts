import { isObject, type Json, type JsonObject, stepsOf } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'
import { translate } from './translate.ts'

/** The schemas to which others in the document refer, each once and under a name of its own. */
export type Components = {
  /** What stands at a place of a contract's schema, as it can stand anywhere in the document. */
  readonly embed: (source: Schema, target: Target, title: string) => JsonSchema
  readonly schemas: () => JsonObject
}

type Place = { readonly source: Schema; readonly target: Target }
type Named = { readonly name: string; readonly place: Place }

/** Collects components. What asks for one name and has one content is one component, wherever it came from. */
export function createComponents(fixed: JsonObject = {}): Components {
  const schemas = new Map<string, Json>(Object.entries(fixed))
  const byWish = new Map<string, Named[]>()
  const byPlace = new Map<string, string>()
  const pending: (() => void)[] = []
  const isSame = createComparison()

  const nameOf = (place: Place, title: string): string => {
    const known = byPlace.get(keyOf(place))
    if (known !== undefined) return known
    const wish = clearName(place.target, title)
    const others = byWish.get(wish) ?? []
    const twin = others.find((other) => isSame(other.place, place))
    const name = twin?.name ?? freeName(wish, schemas)
    byPlace.set(keyOf(place), name)
    if (twin) return name
    byWish.set(wish, [...others, { name, place }])
    schemas.set(name, true)
    pending.push(() => schemas.set(name, translated(place, title)))
    return name
  }
  const translated = ({ source, target }: Place, title: string): JsonSchema =>
    translate(target, source, (next) => pathTo(nameOf({ source, target: next }, title)))
  return {
    embed: (source, target, title) => {
      refuseDisputed(source, title)
      const here = translated({ source, target }, title)
      for (let fill = pending.pop(); fill; fill = pending.pop()) fill()
      const own = byPlace.get(keyOf({ source, target }))
      return own === undefined ? here : { $ref: pathTo(own) }
    },
    schemas: () => Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function keyOf({ source, target }: Place): string {
  return `${source.fingerprint} ${target.pointer}`
}

function pathTo(name: string): string {
  return `#/components/schemas/${name}`
}

/** What no translation can tell truly. */
function refuseDisputed({ dialect, references, canonical }: Schema, title: string): void {
  if (references.isDynamic)
    throw new TypeError(
      `${title} has a dynamic reference that leads to different places, which OpenAPI cannot tell: write "$ref" instead.`,
    )
  if (dialect !== '2020-12' && canonical.includes('"unevaluatedItems":') && canonical.includes('"contains":'))
    throw new TypeError(
      `${title} has "contains" and "unevaluatedItems", which mean something else together in OpenAPI's dialect: use one of the two.`,
    )
}

/** A definition's own name, that of its document, or what it is a part of. OpenAPI allows few characters in it. */
function clearName({ schema, pointer }: Target, title: string): string {
  const steps = stepsOf(pointer)
  const isDefinition = ['$defs', 'definitions'].includes(steps.at(-2) ?? '')
  const id = isObject(schema) && typeof schema.$id === 'string' ? lastSegment(schema.$id) : ''
  const name = isDefinition ? steps.at(-1) : id || [title, ...steps.filter((step) => step !== 'properties')].join('.')
  return (name ?? '').replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, 80) || '_'
}

function lastSegment(id: string): string {
  return id.replace(/#.*$/, '').split('/').at(-1) ?? ''
}

function freeName(wish: string, taken: ReadonlyMap<string, unknown>): string {
  // JSON may have a member of this name, but many who read it refuse it
  const first = wish === '__proto__' ? 'proto' : wish
  let name = first
  for (let n = 2; taken.has(name); n++) name = `${first}-${n}`
  return name
}

/** Whether two places say the same, together with all that they refer to. What was found equal is not walked again. */
function createComparison(): (one: Place, other: Place) => boolean {
  const known = new Set<string>()
  return (one, other) => {
    const walked = new Set<string>()
    const pending: [Place, Place][] = [[one, other]]
    for (let pair = pending.pop(); pair; pair = pending.pop()) {
      const key = pair.map(keyOf).join(' ')
      if (known.has(key) || walked.has(key)) continue
      walked.add(key)
      const [a, b] = [outlineOf(pair[0]), outlineOf(pair[1])]
      if (a.text !== b.text) return false
      for (const [i, target] of a.refersTo.entries()) pending.push([target, b.refersTo[i] ?? target])
    }
    for (const key of walked) known.add(key)
    return true
  }
}

/** What stands at a place, its references numbered, and where these lead. */
function outlineOf({ source, target }: Place): { readonly text: string; readonly refersTo: readonly Place[] } {
  const refersTo: Place[] = []
  const translated = translate(target, source, (next) => `#/${refersTo.push({ source, target: next })}`)
  return { text: canonicalJson(translated), refersTo }
}
