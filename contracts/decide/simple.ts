import type { Finding } from '../finding.ts'
import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { TYPE } from '../schema/types.ts'
import { sample } from './sample.ts'

/** What was found about one place: proved contained when empty; `undecided` where the simple cases end. */
export type Clash = { readonly finding: Finding; readonly witness: Json }
export type Outcome = readonly Clash[] | 'undecided'

/** Judges one value against a schema with an engine that is not ours. */
export type Accepts = (schema: JsonSchema, value: Json) => boolean

const ANNOTATIONS = new Set(['$schema', 'title', 'description', 'default', 'examples', '$comment'])
const OBJECT_KEYWORDS = new Set(['type', 'properties', 'required', 'additionalProperties'])

/** Whether all values of one simple schema are values of another: equal schemas, finite sets, types, and objects of these. */
export function compare(writer: JsonSchema, reader: JsonSchema, at: string, accepts: Accepts): Outcome {
  if (canonicalJson(bare(writer)) === canonicalJson(bare(reader)) || isAny(reader)) return []
  if (refers(writer) || refers(reader)) return 'undecided'
  const [w, r] = [simpleObject(writer), simpleObject(reader)]
  if (w && r) return compareObjects(w, r, at, accepts)
  const values = finiteValues(writer)
  const candidates = values ?? [sample(writer)]
  const refused = candidates.filter((value) => accepts(writer, value) && !accepts(reader, value))
  if (refused.length > 0) return refused.slice(0, 1).map((value) => refusal(reader, at, value))
  return values !== undefined || isWiderType(writer, reader) ? [] : 'undecided'
}

type SimpleObject = {
  readonly schema: JsonObject
  readonly fields: JsonObject
  readonly required: ReadonlySet<string>
  readonly isClosed: boolean
}

function simpleObject(schema: JsonSchema): SimpleObject | undefined {
  if (!isObject(schema) || schema.type !== 'object') return undefined
  if (
    !Object.keys(bare(schema)).every((keyword) => OBJECT_KEYWORDS.has(keyword)) ||
    isObject(schema.additionalProperties)
  )
    return undefined
  const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : [])
  return {
    schema,
    fields: isObject(schema.properties) ? schema.properties : {},
    required,
    isClosed: schema.additionalProperties === false,
  }
}

function compareObjects(w: SimpleObject, r: SimpleObject, at: string, accepts: Accepts): Outcome {
  const whole = sample(w.schema) as JsonObject
  const missing = [...r.required]
    .filter((name) => !w.required.has(name))
    .map((name) => ({ finding: missingField(w, r, at, name, accepts), witness: without(whole, name) }))
  const outcomes = [...new Set([...Object.keys(w.fields), ...Object.keys(r.fields)])].map((name) =>
    compareField(w, r, pointerTo(at, name), name, whole, accepts),
  )
  const opening =
    !w.isClosed && r.isClosed
      ? [{ finding: { code: 'field.may-be-undeclared', at } as const, witness: { ...whole, undeclared: null } }]
      : []
  const clashes = [...missing, ...outcomes.flatMap((outcome) => (outcome === 'undecided' ? [] : outcome)), ...opening]
  return clashes.length === 0 && outcomes.includes('undecided') ? 'undecided' : clashes
}

function compareField(
  w: SimpleObject,
  r: SimpleObject,
  at: string,
  name: string,
  whole: JsonObject,
  accepts: Accepts,
): Outcome {
  const written = w.fields[name] as JsonSchema | undefined
  const read = r.fields[name] as JsonSchema | undefined
  if (written === undefined)
    return w.isClosed || read === undefined || isAny(read) ? [] : undeclaredClash(read, at, name, whole, accepts)
  if (read === undefined)
    return r.isClosed
      ? [{ finding: { code: 'field.not-read', at }, witness: { ...whole, [name]: sample(written) } }]
      : []
  const outcome = compare(written, read, at, accepts)
  return outcome === 'undecided'
    ? outcome
    : outcome.map(({ finding, witness }) => ({ finding, witness: { ...whole, [name]: witness } }))
}

function undeclaredClash(read: JsonSchema, at: string, name: string, whole: JsonObject, accepts: Accepts): Outcome {
  const value = [null, false, 0, 'undeclared', [], {}].find((candidate) => !accepts(read, candidate))
  return value === undefined
    ? 'undecided'
    : [{ finding: { code: 'field.may-be-undeclared', at }, witness: { ...whole, [name]: value } }]
}

function missingField(w: SimpleObject, r: SimpleObject, at: string, name: string, accepts: Accepts): Finding {
  const here = pointerTo(at, name)
  const reader = { pointer: pointerTo(at, 'required'), value: [...r.required] }
  if (Object.hasOwn(w.fields, name)) return { code: 'field.not-always-written', at: here, reader }
  const from = renamedFrom(w, r, name, accepts)
  return {
    code: 'field.never-written',
    at: here,
    reader,
    ...(from === undefined ? {} : { suggestion: { rename: { from, to: name } } }),
  }
}

/** The one field that the writer alone declares and whose values the reader would take under its own name; none on a tie. */
function renamedFrom(w: SimpleObject, r: SimpleObject, name: string, accepts: Accepts): string | undefined {
  const read = (r.fields[name] ?? true) as JsonSchema
  const fits = Object.keys(w.fields).filter((from) => {
    if (Object.hasOwn(r.fields, from)) return false
    const outcome = compare(w.fields[from] as JsonSchema, read, '', accepts)
    return outcome !== 'undecided' && outcome.length === 0
  })
  return fits.length === 1 ? fits[0] : undefined
}

function refusal(reader: JsonSchema, at: string, value: Json): Clash {
  return {
    witness: value,
    finding: {
      code: 'value.not-contained',
      at,
      writer: { pointer: at, value },
      reader: { pointer: at, value: bare(reader) },
    },
  }
}

/** All values of a schema that lists them, `const`, `enum` or a union of such; undefined for any other. */
function finiteValues(schema: JsonSchema): Json[] | undefined {
  if (!isObject(schema)) return undefined
  if ('const' in schema) return [schema.const ?? null]
  if (Array.isArray(schema.enum)) return [...schema.enum]
  if (schema.type === 'null') return [null]
  if (schema.type === 'boolean') return [true, false]
  if (!Array.isArray(schema.anyOf)) return undefined
  const parts = schema.anyOf.map((branch) => finiteValues(branch as JsonSchema))
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

/** Whether the reader asks for nothing but types that cover all of the writer's. */
function isWiderType(writer: JsonSchema, reader: JsonSchema): boolean {
  if (
    !isObject(writer) ||
    !isObject(reader) ||
    Object.keys(bare(reader)).join() !== 'type' ||
    writer.type === undefined
  )
    return false
  return (bitsOf(writer.type) & ~bitsOf(reader.type)) === 0
}

function bitsOf(type: Json | undefined): number {
  const names = Array.isArray(type) ? type : [type]
  const bits: { readonly [name: string]: number } = { ...TYPE, number: TYPE.integer | TYPE.fraction }
  return names.reduce((sum: number, name) => sum | (bits[String(name)] ?? 0), 0)
}

function isAny(schema: JsonSchema): boolean {
  return schema === true || (isObject(schema) && Object.keys(bare(schema)).length === 0)
}

/** Whether references stand in a schema; what they lead to lies outside it. */
function refers(schema: JsonSchema): boolean {
  return /"\$(?:ref|dynamicRef|recursiveRef)":/.test(JSON.stringify(schema))
}

function bare(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword)))
}

function without(message: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(message).filter(([key]) => key !== name))
}
