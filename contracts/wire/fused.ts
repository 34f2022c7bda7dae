import type { ValidateFunction } from 'ajv'
import { isObject, pointerTo } from '../json.ts'
import { compileWithAjv } from '../schema/judge.ts'
import type { Schema } from '../schema/read.ts'
import { type Keep, refusals } from './constraints.ts'
import type { Field, Layout } from './layout.ts'
import { formatJson, parseInteger, parseJsonField, parseNumber } from './text.ts'

/**
 * Generated functions for the common case, each doing in one pass what the careful path does in several. They return
 * undefined for whatever they do not accept; the careful path then says why, or accepts it after all.
 */
export type FusedDecode = (entry: readonly string[]) => object | undefined
export type FusedEncode = (message: unknown) => string[] | undefined

const PLAIN = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  '$schema',
  '$id',
  '$defs',
  'definitions',
  'title',
  'description',
  '$comment',
  'examples',
  'default',
])

/** Whether a message is an object whose fields are judged one by one. */
function isPlain({ root }: Schema, { fields }: Layout): boolean {
  if (!isObject(root) || !Object.keys(root).every((keyword) => PLAIN.has(keyword))) return false
  const names = new Set(fields.map(({ name }) => name))
  const required = Array.isArray(root.required) ? root.required : []
  return !isObject(root.additionalProperties) && required.every((name) => names.has(String(name)))
}

/** Decodes and checks in one pass; undefined when the schema says more than its fields, one by one. */
export function fuseDecode(schema: Schema, layout: Layout): FusedDecode | undefined {
  if (!isPlain(schema, layout) || layout.fields.length === 0) return undefined
  const { fields } = layout
  const isClosed = isObject(schema.root) && schema.root.additionalProperties === false
  const decode = generate((keep) => {
    const take = createTake(
      fields.map(({ name }) => name),
      isClosed,
    )
    const body = fields.map((field, i) => readField(field, i, fieldRefusals(schema, field, `v${i}`, keep), keep))
    return `(entry) => {\n${takeFields(fields, keep(take))}\n${body.join('\n')}\n${result(fields)}\n}`
  })
  return decode as FusedDecode
}

/** Checks and encodes in one pass; the schema must be closed. */
export function fuseEncode(schema: Schema, layout: Layout): FusedEncode | undefined {
  const isClosed = isObject(schema.root) && schema.root.additionalProperties === false
  if (!isPlain(schema, layout) || !isClosed) return undefined
  const encode = generate((keep) => {
    const body = layout.fields.map((field, i) =>
      writeField(field, i, fieldRefusals(schema, field, `v${i}`, keep), keep),
    )
    return `(m) => {
if (typeof m !== 'object' || m === null || Array.isArray(m)) return undefined
let count = 0
for (const name in m) count++
let there = ${layout.fields.filter(({ required }) => required).length}
${body.join('\n')}
if (count !== there) return undefined
${entryOf(layout.fields)}
}`
  })
  return encode as FusedEncode
}

/** Makes a function from code; the values that the code needs are kept for it under names. */
export function generate(write: (keep: Keep) => string): unknown {
  const kept: unknown[] = []
  const keep: Keep = (value) => {
    const known = kept.indexOf(value)
    return `k${known >= 0 ? known : kept.push(value) - 1}`
  }
  const code = write(keep)
  // Every piece of a schema enters the code as JSON text or as a kept value, never as code.
  // oxlint-disable-next-line typescript/no-implied-eval -- generating code is what makes this path fast; ajv does the same
  const make = new Function(...kept.map((_, i) => `k${i}`), `'use strict'; return ${code}`) as (
    ...values: unknown[]
  ) => unknown
  return make(...kept)
}

/** What refuses a field's value; for a schema that cannot be put into expressions, ajv on that field alone. */
function fieldRefusals(schema: Schema, { name, kind }: Field, v: string, keep: Keep): string[] {
  const properties = isObject(schema.root) && isObject(schema.root.properties) ? schema.root.properties : {}
  const inlined = refusals((properties[name] ?? true) as never, kind, v, keep)
  if (inlined) return inlined
  const check = compileWithAjv(schema, { allErrors: false }, pointerTo('', 'properties', name))
  return [`!${keep((value: unknown) => isAccepted(check, value))}(${v})`]
}

/** A value on which ajv itself breaks, such as one deeper than the stack, is left to the careful path to explain. */
function isAccepted(check: ValidateFunction, value: unknown): boolean {
  try {
    return check(value)
  } catch {
    return false
  }
}

/** Raw texts r0…rn: straight from their places while the entry has the declared order, else by name. */
function takeFields(fields: readonly Field[], take: string): string {
  const inOrder = fields.map(({ name }, i) => `entry[${2 * i}] === ${JSON.stringify(name)}`).join(' && ')
  const names = fields.map((_, i) => `r${i}`)
  return `let ${names.join(', ')}
if (entry.length === ${2 * fields.length} && ${inOrder}) { ${names.map((r, i) => `${r} = entry[${2 * i + 1}]`).join('; ')} }
else { const taken = ${take}(entry); if (taken === undefined) return undefined; ${names.map((r, i) => `${r} = taken[${i}]`).join('; ')} }`
}

/** Takes declared fields by name, in any order; undefined for a field that stands twice or may not be there. */
function createTake(
  names: readonly string[],
  isClosed: boolean,
): (entry: readonly string[]) => (string | undefined)[] | undefined {
  const places = new Map(names.map((name, i) => [name, i]))
  return (entry) => {
    const taken = Array.from<string | undefined>({ length: names.length })
    let others = 0
    for (let i = 0; i < entry.length; i += 2) {
      const place = places.get(entry[i] as string)
      if (place === undefined) others++
      else if (taken[place] !== undefined) return undefined
      else taken[place] = entry[i + 1]
    }
    return others > 0 && (isClosed || (others > 1 && hasTwice(entry))) ? undefined : taken
  }
}

function hasTwice(entry: readonly string[]): boolean {
  const names = entry.filter((_, i) => i % 2 === 0)
  return new Set(names).size < names.length
}

const PARSE = { integer: parseInteger, number: parseNumber, json: parseJsonField } as const

function readField({ kind, required, nullable }: Field, i: number, tests: readonly string[], keep: Keep): string {
  const [r, v] = [`r${i}`, `v${i}`]
  const value = valueOf(kind, r, v, keep)
  const refused = tests.length > 0 ? `if (${tests.join(' || ')}) return undefined` : ''
  const absent = nullable ? `${v} = null` : required ? 'return undefined' : ''
  return `let ${v}\nif (${r} !== undefined) { ${value}; ${refused} } else { ${absent} }`
}

function valueOf(kind: Field['kind'], r: string, v: string, keep: Keep): string {
  switch (kind) {
    case 'text':
      return `${v} = ${r}`
    case 'boolean':
      return `${v} = ${r} === 'true'; if (!${v} && ${r} !== 'false') return undefined`
    case 'json':
      return `${v} = ${keep(PARSE.json)}(${r}); if (${v} === undefined) return undefined`
    case 'integer':
    case 'number':
      return `${v} = ${keep(PARSE[kind])}(${r}); if (${v} !== ${v}) return undefined`
  }
}

function result(fields: readonly Field[]): string {
  const always = fields.map((field, i) => ({ ...field, i })).filter(({ required }) => required)
  const sometimes = fields.map((field, i) => ({ ...field, i })).filter(({ required }) => !required)
  const message = `{ ${always.map(({ name, i }) => `${JSON.stringify(name)}: v${i}`).join(', ')} }`
  if (sometimes.length === 0) return `return ${message}`
  const additions = sometimes.map(({ name, i }) => `if (r${i} !== undefined) message[${JSON.stringify(name)}] = v${i}`)
  return `const message = ${message}\n${additions.join('\n')}\nreturn message`
}

/** Checks field i of message `m` as value vi and makes its text ti, which stays undefined where the field is absent. */
function writeField(
  { name, kind, required, nullable }: Field,
  i: number,
  tests: readonly string[],
  keep: Keep,
): string {
  const [v, t] = [`v${i}`, `t${i}`]
  const refused = [NOT_OF_KIND[kind](v), ...tests].filter((test) => test !== '')
  const check = refused.length > 0 ? `if (${refused.join(' || ')}) return undefined\n` : ''
  const write = `${check}${t} = ${textOf(kind, v, keep)}\nif (${t} === undefined) return undefined`
  const declare = `let ${t}\nconst ${v} = m[${JSON.stringify(name)}]\n`
  if (nullable) return `${declare}if (${v} !== null) { ${write} }`
  return required ? declare + write : `${declare}if (${v} !== undefined) { there++; ${write} }`
}

const NOT_OF_KIND: { readonly [kind in Field['kind']]: (v: string) => string } = {
  text: (v) => `typeof ${v} !== 'string' || !${v}.isWellFormed()`,
  boolean: (v) => `typeof ${v} !== 'boolean'`,
  integer: (v) => `!Number.isSafeInteger(${v}) || (${v} === 0 && 1 / ${v} < 0)`,
  number: (v) => `typeof ${v} !== 'number' || !Number.isFinite(${v}) || (${v} === 0 && 1 / ${v} < 0)`,
  json: () => '',
}

function textOf(kind: Field['kind'], v: string, keep: Keep): string {
  switch (kind) {
    case 'text':
      return v
    case 'boolean':
      return `${v} ? 'true' : 'false'`
    case 'integer':
    case 'number':
      return `'' + ${v}`
    case 'json':
      return `${keep(formatJson)}(${v}).text`
  }
}

function entryOf(fields: readonly Field[]): string {
  const pairs = fields.map(({ name }, i) => `${JSON.stringify(name)}, t${i}`)
  if (fields.every(({ required, nullable }) => required && !nullable)) return `return [${pairs.join(', ')}]`
  return `const entry = []\n${pairs.map((pair, i) => `if (t${i} !== undefined) entry.push(${pair})`).join('\n')}\nreturn entry`
}
