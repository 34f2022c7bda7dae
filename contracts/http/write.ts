import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'
import { compileWithAjv } from '../schema/judge.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import { possibleTypes, TYPE } from '../schema/types.ts'
import { type Keep, refusals } from '../wire/constraints.ts'
import { generate } from '../wire/fused.ts'
import { type Kind, kindOf } from '../wire/kinds.ts'
import { copyPlain } from './json-body.ts'

/** The JSON of a value that is plain data and keeps its schema; undefined for any other, which must be judged by its text. */
export type Write = (value: unknown) => string | undefined

/**
 * Compiles the common case of a response: one walk along the schema reads each part of a value once, checks it and copies it,
 * and the copy is what is written. So nothing can say one thing when it is judged and another when it is sent.
 */
export function compileWrite(schema: Schema, pointer: string, node: JsonSchema): Write {
  const take = generate((keep) => `(v) => {\n${takeNode({ schema, keep }, node, pointer)}\n}`) as Take
  return (value) => {
    const taken = take(value)
    return taken === undefined ? undefined : JSON.stringify(taken)
  }
}

/** Copies a value; undefined for one that is more than plain data, or that the schema refuses. */
type Take = (value: unknown) => unknown
type Generating = { readonly schema: Schema; readonly keep: Keep }

const ANNOTATIONS = ['title', 'description', 'default', 'examples', '$comment', 'deprecated', 'readOnly', 'writeOnly']
const OBJECT = new Set([...ANNOTATIONS, 'type', 'properties', 'required', 'additionalProperties'])
const LIST = new Set([...ANNOTATIONS, 'type', 'items', 'minItems', 'maxItems'])

/** The body of a function of `v` that returns its copy. */
function takeNode(generating: Generating, node: JsonSchema, pointer: string): string {
  if (isClosedObject(node)) return takeObject(generating, node, pointer)
  if (isUniformList(node)) return takeList(generating, node, pointer)
  const leaf = leafTests(generating, node, pointer, 'v')
  if (leaf) return `${refuseIf(leaf)}\nreturn v`
  return `return ${generating.keep(takeAny(generating.schema, pointer))}(v)`
}

type ClosedObject = JsonObject & { readonly properties: JsonObject }

function isClosedObject(node: JsonSchema): node is ClosedObject {
  if (!isObject(node) || node.type !== 'object' || node.additionalProperties !== false) return false
  if (!isObject(node.properties) || Object.hasOwn(node.properties, '__proto__')) return false
  const { properties } = node
  const required = Array.isArray(node.required) ? node.required : []
  return (
    Object.keys(node).every((keyword) => OBJECT.has(keyword)) &&
    required.every((n) => Object.hasOwn(properties, String(n)))
  )
}

function isUniformList(node: JsonSchema): node is JsonObject & { readonly items: JsonSchema } {
  if (!isObject(node) || node.type !== 'array' || !isSchemaShaped(node.items)) return false
  return Object.keys(node).every((keyword) => LIST.has(keyword))
}

function takeObject(generating: Generating, node: ClosedObject, pointer: string): string {
  const required = new Set(Array.isArray(node.required) ? node.required : [])
  const members = Object.entries(node.properties).map(([name, schema], i) => ({
    key: JSON.stringify(name),
    v: `v${i}`,
    isRequired: required.has(name),
    take: takeMember(generating, schema, pointerTo(pointer, 'properties', name), `v${i}`),
  }))
  const [always, sometimes] = [members.filter((m) => m.isRequired), members.filter((m) => !m.isRequired)]
  return `if (typeof v !== 'object' || v === null || ${generating.keep(hasMore)}(v)) return undefined
let count = 0
for (const name in v) count++
let there = ${always.length}
${always.map(({ key, v, take }) => `let ${v} = v[${key}]\n${take}`).join('\n')}
${sometimes.map(({ key, v, take }) => `let ${v} = v[${key}]\nif (${v} !== undefined) {\nthere++\n${take}\n}`).join('\n')}
if (count !== there) return undefined
const copy = { ${always.map(({ key, v }) => `${key}: ${v}`).join(', ')} }
${sometimes.map(({ key, v }) => `if (${v} !== undefined) copy[${key}] = ${v}`).join('\n')}
return copy`
}

function takeList(generating: Generating, node: JsonObject & { readonly items: JsonSchema }, pointer: string): string {
  const { minItems, maxItems } = node
  const bounds = [
    ...(typeof minItems === 'number' ? [`v.length < ${minItems}`] : []),
    ...(typeof maxItems === 'number' ? [`v.length > ${maxItems}`] : []),
  ]
  return `${refuseIf(['!Array.isArray(v)', 'v.toJSON !== undefined', ...bounds])}
const copy = []
for (let i = 0; i < v.length; i++) {
let item = v[i]
${takeMember(generating, node.items, pointerTo(pointer, 'items'), 'item')}
copy.push(item)
}
return copy`
}

/** Code that puts the copy of what a variable holds into it. */
function takeMember(generating: Generating, schema: Json, pointer: string, v: string): string {
  const node = isSchemaShaped(schema) ? schema : true
  const leaf = leafTests(generating, node, pointer, v)
  if (leaf) return refuseIf(leaf)
  const take = generating.keep(generate((keep) => `(v) => {\n${takeNode({ ...generating, keep }, node, pointer)}\n}`))
  return `${v} = ${take}(${v})\nif (${v} === undefined) return undefined`
}

/** Expressions that refuse a value, for one text, number or boolean; undefined for any other schema. */
function leafTests({ schema, keep }: Generating, node: JsonSchema, pointer: string, v: string): string[] | undefined {
  const types = possibleTypes({ schema: node, pointer }, schema.references)
  const kind = types & TYPE.null ? undefined : kindOf(types)
  if (kind === undefined || kind === 'json' || types === 0) return undefined
  const tests = refusals(node, kind, v, keep)
  return tests && [NOT_OF_KIND[kind](v), ...tests]
}

const NOT_OF_KIND: { readonly [kind in Exclude<Kind, 'json'>]: (v: string) => string } = {
  text: (v) => `typeof ${v} !== 'string'`,
  boolean: (v) => `typeof ${v} !== 'boolean'`,
  integer: (v) => `!Number.isInteger(${v})`,
  number: (v) => `typeof ${v} !== 'number' || !Number.isFinite(${v})`,
}

function refuseIf(tests: readonly string[]): string {
  return `if (${tests.join(' || ')}) return undefined`
}

/** Whether an object may be more than its own members. */
function hasMore(value: object): boolean {
  return Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value
}

/** For a part that no walk is written for: a copy, judged by ajv. */
function takeAny(schema: Schema, pointer: string): Take {
  const isValid = compileWithAjv(schema, { allErrors: false }, pointer)
  return (value) => {
    const copy = copyPlain(value)
    try {
      return copy !== undefined && isValid(copy) ? copy : undefined
    } catch {
      // ajv itself can break on a value; it is judged, and told, by its text
      return undefined
    }
  }
}
