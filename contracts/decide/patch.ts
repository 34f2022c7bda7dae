import { isObject, type Json, type JsonObject, stepsOf } from '../json.ts'
import { isSchemaShaped, type JsonSchema, subschemasOf } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Difference } from './differences.ts'

/** The older version after some of the differences; undefined where its references cannot be kept. */
export type Patch = (differences: readonly Difference[]) => JsonSchema | undefined

/** What comes out of the newer version may refer to more of it, so the newer version goes along as a definition. */
export function createPatch(older: Schema, newer: Schema): Patch {
  const home = freeName(older.root)
  const moved = (schema: Json) => move(schema, `#/definitions/${home}`)
  const hasOnlyPlainRefs = arePlain(newer)
  return (differences) => {
    let needsHome = false
    const brought = (value: Json): Json => {
      needsHome ||= JSON.stringify(value).includes('"$ref"')
      return moved(value)
    }
    // what lies deeper first, since removing a branch moves its neighbours
    const patched = differences
      .toSorted((a, b) => stepsOf(b.pointer).length - stepsOf(a.pointer).length)
      .reduce<Json>(
        (document, { pointer, apply }) => update(document, stepsOf(pointer), (at) => apply(at, brought)),
        older.root,
      )
    if (!isSchemaShaped(patched) || (needsHome && !hasOnlyPlainRefs)) return undefined
    return needsHome ? withHome(patched, home, moved(withoutName(newer.root))) : patched
  }
}

function freeName(root: JsonSchema): string {
  const taken = isObject(root) && isObject(root.definitions) ? Object.keys(root.definitions) : []
  return `newer${'_'.repeat(taken.length)}`
}

/** Whether all references of a document are pointers from its root. */
function arePlain({ root, references }: Schema): boolean {
  return references.places.every(({ schema, pointer }) => {
    if (!isObject(schema)) return true
    const isNamed = (pointer !== '' && '$id' in schema) || '$dynamicRef' in schema || '$recursiveRef' in schema
    const isPlain = typeof schema.$ref !== 'string' || /^#(?:\/|$)/.test(schema.$ref)
    return !isNamed && isPlain && isObject(root)
  })
}

function withoutName(root: JsonSchema): Json {
  return isObject(root)
    ? Object.fromEntries(Object.entries(root).filter(([keyword]) => !['$id', '$schema'].includes(keyword)))
    : root
}

function withHome(patched: JsonSchema, home: string, newer: Json): JsonSchema {
  if (!isObject(patched)) return patched
  const definitions = isObject(patched.definitions) ? patched.definitions : {}
  return { ...patched, definitions: { ...definitions, [home]: newer } }
}

/** A schema whose references begin at another root. */
function move(schema: Json, root: string): Json {
  if (Array.isArray(schema)) return schema.map((item: Json) => move(item, root))
  if (!isObject(schema)) return schema
  const copy: { [keyword: string]: Json } = { ...schema }
  for (const keyword of new Set(subschemasOf(schema).map((child) => child.keyword)))
    copy[keyword] = moveInside(copy[keyword] ?? null, keyword, root)
  if (typeof copy.$ref === 'string' && copy.$ref.startsWith('#')) copy.$ref = root + copy.$ref.slice(1)
  return copy
}

const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions'])

function moveInside(value: Json, keyword: string, root: string): Json {
  if (!MAPS.has(keyword) || !isObject(value)) return move(value, root)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isSchemaShaped(member) ? move(member, root) : member]),
  )
}

function update(value: Json, steps: readonly string[], change: (at: JsonObject) => JsonSchema): Json {
  const [step, ...others] = steps
  if (step === undefined) return isObject(value) ? change(value) : change({})
  if (Array.isArray(value))
    return value.map((item: Json, i) => (String(i) === step ? update(item, others, change) : item))
  return isObject(value) && Object.hasOwn(value, step)
    ? { ...value, [step]: update(value[step] ?? null, others, change) }
    : value
}
