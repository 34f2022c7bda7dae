import type { Json, JsonObject } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'

/** Converts a schema, and adds the names of the components that it refers to. */
export type Convert = (schema: Json, uses: Set<string>) => Json
export type Converter = {
  /** A schema of the document as JSON Schema, its references leading into `$defs`. */
  readonly convert: Convert
  /** These components, and all that they refer to. Each is converted once, however many messages have it. */
  readonly definitions: (names: ReadonlySet<string>) => JsonObject
}

type Options = {
  readonly version: string
  /** Which fields need not be there: a request has nothing that is `readOnly`, a response nothing that is `writeOnly`. */
  readonly drops: 'readOnly' | 'writeOnly'
}

const REFERENCE = /^#\/components\/schemas\/(?<name>[^/]+)(?<rest>\/.*)?$/

/** Hints of OpenAPI's own, which say nothing that JSON Schema would check. */
const HINTS = new Set(['int32', 'int64', 'float', 'double', 'byte', 'binary', 'password'])
const LEFT_OUT = new Set([
  'discriminator',
  'xml',
  'externalDocs',
  'example',
  'nullable',
  'readOnly',
  'writeOnly',
  'deprecated',
])
const SCHEMA_LISTS = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const SCHEMA_MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
const SCHEMAS = new Set([
  'not',
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'propertyNames',
  'if',
  'then',
  'else',
])

/** Converts the schemas of one document. OpenAPI 3.1 says them as JSON Schema does, 3.0 nearly so. */
export function createConverter(document: JsonObject, { version, drops }: Options): Converter {
  const is30 = version.startsWith('3.0')
  const all = isObject(document.components) && isObject(document.components.schemas) ? document.components.schemas : {}
  const found = new Map<string, { readonly schema: Json; readonly uses: Set<string> }>()

  const refer = (reference: string, uses: Set<string>): string => {
    const { name, rest = '' } = REFERENCE.exec(reference)?.groups ?? {}
    const key = name?.replaceAll('~1', '/').replaceAll('~0', '~')
    if (name === undefined || key === undefined || !Object.hasOwn(all, key))
      throw registryError('openapi.refused', { reason: `${reference.slice(0, 200)} is no schema in its components` })
    uses.add(key)
    return `#/$defs/${name}${rest}`
  }
  const definitions: Converter['definitions'] = (names) => {
    const wanted = new Map<string, Json>()
    const open = [...names]
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (wanted.has(name)) continue
      const { schema, uses } = found.get(name) ?? convertComponent(name)
      wanted.set(name, schema)
      open.push(...uses)
    }
    return Object.fromEntries(wanted)
  }
  const convertComponent = (name: string) => {
    const uses = new Set<string>()
    const component = { schema: convert(all[name] ?? true, uses), uses }
    found.set(name, component)
    return component
  }
  const convert: Convert = (schema, uses) => {
    if (!isObject(schema)) return schema
    if (typeof schema.$ref === 'string') {
      const $ref = refer(schema.$ref, uses)
      return is30 ? { $ref } : { ...convertMembers(schema, uses), $ref }
    }
    const converted = convertMembers(schema, uses)
    return is30 ? asNullable(withBounds(converted), schema.nullable === true) : converted
  }
  const convertMembers = (schema: JsonObject, uses: Set<string>): JsonObject => {
    const members = Object.entries(schema).flatMap(([keyword, value]): [string, Json][] => {
      if (LEFT_OUT.has(keyword) || keyword.startsWith('x-') || keyword === '$ref') return []
      if (keyword === 'format' && typeof value === 'string' && HINTS.has(value)) return []
      if (keyword === 'required' && Array.isArray(value)) return [[keyword, neededOf(schema, value)]]
      return [[keyword, convertMember(keyword, value, uses)]]
    })
    return Object.fromEntries(members)
  }
  const convertMember = (keyword: string, value: Json, uses: Set<string>): Json => {
    if (SCHEMAS.has(keyword)) return convert(value, uses)
    if (SCHEMA_LISTS.has(keyword) && Array.isArray(value)) return value.map((member) => convert(member, uses))
    if (SCHEMA_MAPS.has(keyword) && isObject(value))
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, convert(member, uses)]))
    return value
  }
  const neededOf = ({ properties }: JsonObject, required: readonly Json[]): Json[] =>
    required.filter((name) => {
      const property = isObject(properties) && typeof name === 'string' ? properties[name] : undefined
      return !(isObject(property) && property[drops] === true)
    })
  return { convert, definitions }
}

/** In 3.0 a bound is exclusive by a boolean beside it. */
function withBounds(schema: JsonObject): JsonObject {
  const { exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...others } = schema
  return {
    ...others,
    ...(minimum !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
  }
}

function asNullable(schema: JsonObject, isNullable: boolean): JsonObject {
  if (!isNullable || schema.type === undefined) return schema
  const { type, enum: values } = schema
  const types = [...(Array.isArray(type) ? type : [type]), 'null']
  return { ...schema, type: types, ...(Array.isArray(values) && !values.includes(null) && { enum: [...values, null] }) }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
