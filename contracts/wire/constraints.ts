import { formatTest } from '../check/formats.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import type { Kind } from './kinds.ts'

/** Keeps a value for generated code and returns the name under which the code finds it. */
export type Keep = (value: unknown) => string

const ANNOTATIONS = [
  'title',
  'description',
  'default',
  'examples',
  '$comment',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$id',
]

/** The keywords that are understood for a kind; a field with any other is left to the full check. */
const UNDERSTOOD: { readonly [kind in Kind]: ReadonlySet<string> } = {
  text: new Set([...ANNOTATIONS, 'type', 'const', 'enum', 'anyOf', 'minLength', 'maxLength', 'pattern', 'format']),
  integer: new Set([
    ...ANNOTATIONS,
    'type',
    'const',
    'enum',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
  ]),
  number: new Set([
    ...ANNOTATIONS,
    'type',
    'const',
    'enum',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
  ]),
  boolean: new Set([...ANNOTATIONS, 'type', 'const', 'enum']),
  json: new Set(),
}

/**
 * Expressions over `v`, a value that already is of the field's kind, each true when the schema refuses it. Undefined for
 * a schema that only the full check can judge.
 */
export function refusals(schema: JsonSchema, kind: Kind, v: string, keep: Keep): string[] | undefined {
  if (!isObject(schema) || Object.keys(schema).some((keyword) => !UNDERSTOOD[kind].has(keyword))) return undefined
  const parts = [
    ...['enum', 'const', 'anyOf'].map((keyword) => notAmong(schema, keyword, kind, v, keep)),
    ...BOUNDS.map(([keyword, operator]) => outOfBounds(schema[keyword], operator, v)),
    wrongLength(schema, v, keep),
    typeof schema.pattern === 'string' ? [`!${keep(new RegExp(schema.pattern, 'u'))}.test(${v})`] : [],
    wrongFormat(schema.format, v, keep),
  ]
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

function notAmong(schema: JsonObject, keyword: string, kind: Kind, v: string, keep: Keep): string[] | undefined {
  if (!Object.hasOwn(schema, keyword)) return []
  const allowed =
    keyword === 'anyOf' ? literalsOf(schema.anyOf) : keyword === 'const' ? [schema.const ?? null] : schema.enum
  if (!Array.isArray(allowed)) return undefined
  const javascriptType = { text: 'string', integer: 'number', number: 'number', boolean: 'boolean', json: 'object' }[
    kind
  ]
  const values = allowed.filter((value) => typeof value === javascriptType)
  if (values.length > 8) return [`!${keep(new Set(values))}.has(${v})`]
  return [values.length === 0 ? 'true' : values.map((value) => `${v} !== ${JSON.stringify(value)}`).join(' && ')]
}

/** The values of a union of literals, as TypeBox writes them. */
function literalsOf(branches: Json | undefined): Json[] | undefined {
  if (!Array.isArray(branches)) return undefined
  return branches.every(isLiteral) ? branches.map((branch) => (branch as JsonObject).const ?? null) : undefined
}

function isLiteral(branch: Json): boolean {
  if (!isObject(branch) || branch.type !== typeof branch.const) return false
  return Object.keys(branch).every((keyword) => keyword === 'const' || keyword === 'type')
}

const BOUNDS = [
  ['minimum', '>='],
  ['maximum', '<='],
  ['exclusiveMinimum', '>'],
  ['exclusiveMaximum', '<'],
] as const

function outOfBounds(bound: Json | undefined, operator: string, v: string): string[] {
  return typeof bound === 'number' ? [`!(${v} ${operator} ${JSON.stringify(bound)})`] : []
}

/** Lengths count code points; counting is only needed when the number of UTF-16 units leaves the matter open. */
function wrongLength({ minLength, maxLength }: JsonObject, v: string, keep: Keep): string[] {
  const tests: string[] = []
  if (typeof minLength === 'number' && minLength > 0)
    tests.push(
      `(${v}.length < ${minLength} || (${v}.length < ${2 * minLength} && ${keep(codePoints)}(${v}) < ${minLength}))`,
    )
  if (typeof maxLength === 'number')
    tests.push(
      `(${v}.length > ${maxLength} && (${v}.length > ${2 * maxLength} || ${keep(codePoints)}(${v}) > ${maxLength}))`,
    )
  return tests
}

function codePoints(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length - 1; i++)
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) count--
  return count
}

function wrongFormat(format: Json | undefined, v: string, keep: Keep): string[] | undefined {
  if (typeof format !== 'string') return []
  const test = formatTest(format)
  if (test === 'other') return undefined
  return test === 'ignored' ? [] : [`!${keep(test)}(${v})`]
}
