import { isObject, type Json, type JsonObject, stepsOf } from '../json.ts'
import { FOREIGN_KEYWORDS } from './dialect.ts'
import { type JsonSchema, subschemasOf } from './keywords.ts'
import { assembleSchema, type Schema } from './read.ts'
import type { References, Target } from './references.ts'
import { conditionsOf } from './types.ts'

/**
 * What a guarded writer can send: the schema, and beside it nothing undeclared in any object that it describes with
 * `properties`. Explicit `additionalProperties` and objects without `properties` stay as they are, and nothing is added
 * inside `not`, `if` or `contains`, so that the result is always contained in the schema.
 */
export function asDeclared(schema: Schema): Schema {
  const { root, dialect, references } = schema
  // where a dynamic reference leads depends on the way there, which copying would change
  if (typeof root === 'boolean' || references.isDynamic) return schema
  const closing: Closing = { references, foreign: FOREIGN_KEYWORDS[dialect], names: new Map(), pending: [] }
  const closed = close({ schema: root, pointer: '' }, 'whole', closing)
  const $defs: Draft = {}
  for (let next = closing.pending.pop(); next; next = closing.pending.pop())
    $defs[next.name] = close(next.target, next.mode, closing)
  // draft-07 knows no unevaluatedProperties, and 2019-09 reads all its other keywords alike
  const tagged = dialect === '2020-12' ? dialect : '2019-09'
  const $schema = `https://json-schema.org/draft/${tagged}/schema`
  const document = { ...(closed as JsonObject), $schema, ...(closing.names.size > 0 ? { $defs } : {}) }
  return assembleSchema(document, tagged, schema.inexact)
}

/**
 * `whole`: all that is said of a value, so this is the place to close it. `part`: said beside more about the same value,
 * which is closed as a whole elsewhere; only what lies inside is closed. `written`: left as it is.
 */
type Mode = 'whole' | 'part' | 'written'
type Draft = { [keyword: string]: Json }
type Closing = {
  readonly references: References
  /** What the dialect does not know; another one would. */
  readonly foreign: ReadonlySet<string>
  /** What references lead to, each closed in the mode of its reference; they refer to one another by these names. */
  readonly names: Map<string, string>
  readonly pending: { readonly name: string; readonly target: Target; readonly mode: Mode }[]
}

const DROPPED = new Set(['$schema', '$id', '$anchor', '$dynamicAnchor', '$recursiveAnchor', '$defs', 'definitions'])
const UNTOUCHED = new Set(['not', 'if', 'contains', 'propertyNames', 'contentSchema'])

function close(target: Target, mode: Mode, closing: Closing): JsonSchema {
  const { schema, pointer } = target
  if (typeof schema === 'boolean') return schema
  const isUnion = mode === 'whole' && isPureUnion(schema)
  const closed = copyOf(schema, closing)
  for (const child of subschemasOf(schema, pointer)) {
    if (DROPPED.has(child.keyword) || closing.foreign.has(child.keyword)) continue
    put(closed, child, close(child, modeOf(child, mode, isUnion), closing))
  }
  for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef'])
    if (typeof schema[keyword] === 'string' && !closing.foreign.has(keyword))
      redirect(closed, keyword, schema[keyword], pointer, isUnion ? 'whole' : partOf(mode), closing)
  if (mode !== 'written' && Array.isArray(schema.oneOf)) closeOneOf(closed, target, isUnion ? 'whole' : 'part', closing)
  return mode === 'whole' && !isUnion && describesProperties(target, closing.references)
    ? shut(closed, target, closing)
    : closed
}

function modeOf({ keyword, about }: { keyword: string; about: string }, mode: Mode, isUnion: boolean): Mode {
  // closing a branch of oneOf could make the others fit alone, so oneOf itself stays as written
  if (mode === 'written' || UNTOUCHED.has(keyword) || keyword === 'oneOf') return 'written'
  return about === 'inside' || isUnion ? 'whole' : 'part'
}

function partOf(mode: Mode): Mode {
  return mode === 'written' ? 'written' : 'part'
}

function closeOneOf(closed: Draft, { schema, pointer }: Target, mode: Mode, closing: Closing): void {
  const branches = subschemasOf(schema, pointer).filter(({ keyword }) => keyword === 'oneOf')
  const anyOf = branches.map((branch) => close(branch, mode, closing))
  closed.allOf = [...(Array.isArray(closed.allOf) ? closed.allOf : []), { anyOf }]
}

function shut(closed: Draft, target: Target, { references }: Closing): JsonSchema {
  if ('additionalProperties' in closed || 'unevaluatedProperties' in closed) return closed
  const isAlone =
    conditionsOf(target, references).length === 0 && !('dependentSchemas' in closed) && !('dependencies' in closed)
  return { ...closed, [isAlone ? 'additionalProperties' : 'unevaluatedProperties']: false }
}

function redirect(closed: Draft, keyword: string, ref: string, pointer: string, mode: Mode, closing: Closing): void {
  const target = closing.references.follow(ref, pointer)
  if (target === undefined) return
  const key = `${mode} ${target.pointer}`
  const known = closing.names.get(key)
  const name = known ?? `d${closing.names.size}`
  delete closed[keyword]
  closed.$ref = `#/$defs/${name}`
  if (known !== undefined) return
  closing.names.set(key, name)
  closing.pending.push({ name, target, mode })
}

const ANNOTATIONS = new Set([
  'title',
  'description',
  'default',
  'examples',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
  'type',
  'discriminator',
])

/** Whether a schema only offers alternatives or refers onward, so that each of them describes the value as a whole. */
function isPureUnion(schema: JsonObject): boolean {
  const said = Object.keys(schema).filter((keyword) => !DROPPED.has(keyword) && !ANNOTATIONS.has(keyword))
  return said.length === 1 && ['anyOf', 'oneOf', '$ref'].includes(said[0] ?? '')
}

function describesProperties(target: Target, references: References): boolean {
  if (isObject(target.schema) && isObject(target.schema.properties)) return true
  return conditionsOf(target, references).some((branches) =>
    branches.some((branch) => describesProperties(branch, references)),
  )
}

/** A copy whose lists and maps of subschemas are copies too, so that the original stays as written. */
function copyOf(schema: JsonObject, { foreign }: Closing): Draft {
  const draft: Draft = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (DROPPED.has(keyword) || foreign.has(keyword)) continue
    draft[keyword] = Array.isArray(value) ? [...value] : isObject(value) && MAPS.has(keyword) ? { ...value } : value
  }
  return draft
}

function put(draft: Draft, { keyword, pointer }: { keyword: string; pointer: string }, closed: JsonSchema): void {
  const home = draft[keyword]
  const isHeld = Array.isArray(home) || MAPS.has(keyword)
  const held = (isHeld ? home : draft) as { [step: string]: Json }
  held[isHeld ? (stepsOf(pointer).at(-1) ?? '') : keyword] = closed
}

const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies'])
