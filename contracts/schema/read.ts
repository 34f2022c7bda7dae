import type { Finding } from '../finding.ts'
import { isObject, type Json, pointerTo } from '../json.ts'
import { canonicalJson, fingerprintOfText } from './canonical.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { parseJson } from './json-text.ts'
import { metaSchemaOf } from './judge.ts'
import { isSchemaShaped, type JsonSchema } from './keywords.ts'
import { SCHEMA_LIMITS, type SchemaLimit, type SchemaLimits } from './limits.ts'
import { checkReferences, indexReferences, type References } from './references.ts'

/** A schema that has been read: it is one, it is within the limits, and all its references stay inside. */
export type Schema = {
  readonly root: JsonSchema
  readonly dialect: Dialect
  readonly canonical: string
  readonly fingerprint: string
  readonly references: References
  /** Integers in it that floating point cannot tell from their neighbours, as they were written. */
  readonly inexact: readonly string[]
}

export type SchemaRead =
  | { readonly schema: Schema; readonly findings?: undefined }
  | { readonly schema?: undefined; readonly findings: readonly Finding[] }

/** Reads a schema from JSON text or from a value such as TypeBox makes. Never throws for bad input and never fetches. */
export function readSchema(source: string | object | boolean, limits: SchemaLimits = SCHEMA_LIMITS): SchemaRead {
  const text = typeof source === 'string' ? source : JSON.stringify(source)
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.bytes) return { findings: [exceeds('schema.too-large', '', bytes, 'bytes', limits)] }
  // text comes to be kept; a value is only looked at
  const parsed = parseJson(text, limits.depth, typeof source === 'string')
  if (parsed.findings) return parsed
  return readParsed(parsed.value, parsed.inexact, limits)
}

function readParsed(root: Json, inexact: readonly string[], limits: SchemaLimits): SchemaRead {
  if (!isSchemaShaped(root)) return { findings: [notASchema('', 'must be object,boolean')] }
  const dialect = dialectOf(root)
  if (dialect === undefined) {
    const declared = isObject(root) ? (root.$schema ?? null) : null
    return {
      findings: [{ code: 'schema.unknown-dialect', at: '/$schema', reader: { pointer: '/$schema', value: declared } }],
    }
  }
  const isSchema = metaSchemaOf(dialect)
  if (!isSchema(root)) {
    const error = isSchema.errors?.[0]
    return { findings: [notASchema(error?.instancePath ?? '', error?.message ?? '')] }
  }
  const schema = assembleSchema(root, dialect, inexact)
  const findings = [...checkLimits(schema.references, limits), ...checkReferences(schema.references)]
  return findings.length > 0 ? { findings } : { schema }
}

/** A schema from a document that is known to be one. */
export function assembleSchema(root: JsonSchema, dialect: Dialect, inexact: readonly string[]): Schema {
  // what floating point would make equal stays different
  const canonical = canonicalJson(root) + inexact.map((written) => ` ${written}`).join('')
  const references = indexReferences(root, dialect)
  return { root, dialect, references, inexact, canonical, fingerprint: fingerprintOfText(canonical) }
}

function checkLimits({ places }: References, limits: SchemaLimits): Finding[] {
  if (places.length > limits.subschemas) return [exceeds('schema.too-many', '', places.length, 'subschemas', limits)]
  return places.flatMap(({ schema, pointer }) =>
    isObject(schema)
      ? Object.entries(schema).flatMap(([keyword, value]) =>
          checkKeyword(keyword, value, pointerTo(pointer, keyword), limits),
        )
      : [],
  )
}

const COUNTED: { readonly [keyword: string]: SchemaLimit } = {
  properties: 'properties',
  patternProperties: 'properties',
  allOf: 'branches',
  anyOf: 'branches',
  oneOf: 'branches',
  items: 'branches',
  prefixItems: 'branches',
  enum: 'enumValues',
}

function checkKeyword(keyword: string, value: Json, at: string, limits: SchemaLimits): Finding[] {
  if (keyword === 'pattern' && typeof value === 'string') return checkPattern(value, at, limits)
  const patterns = keyword === 'patternProperties' && isObject(value) ? Object.keys(value) : []
  const limit = Object.hasOwn(COUNTED, keyword) ? COUNTED[keyword] : undefined
  const countable = Array.isArray(value) || (keyword !== 'items' && isObject(value))
  const count = countable ? Object.keys(value).length : 0
  return [
    ...(limit !== undefined && count > limits[limit] ? [exceeds('schema.too-many', at, count, limit, limits)] : []),
    ...patterns.flatMap((pattern) => checkPattern(pattern, pointerTo(at, pattern), limits)),
  ]
}

function checkPattern(pattern: string, at: string, limits: SchemaLimits): Finding[] {
  if (pattern.length > limits.patternLength)
    return [exceeds('pattern.too-long', at, pattern.length, 'patternLength', limits)]
  try {
    RegExp(pattern, 'u')
    return []
  } catch (error) {
    return [{ code: 'pattern.invalid', at, reader: { pointer: at, value: (error as Error).message } }]
  }
}

function exceeds(code: Finding['code'], at: string, actual: number, limit: SchemaLimit, limits: SchemaLimits): Finding {
  return { code, at, writer: { pointer: at, value: actual }, reader: { pointer: limit, value: limits[limit] } }
}

function notASchema(at: string, message: string): Finding {
  return { code: 'schema.not-a-schema', at, reader: { pointer: at, value: message } }
}
