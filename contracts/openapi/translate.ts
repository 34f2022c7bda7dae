import { isObject, type Json, type JsonObject, stepsOf } from '../json.ts'
import { FOREIGN_KEYWORDS } from '../schema/dialect.ts'
import { type JsonSchema, subschemasOf } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'

/** Where a reference to a place of the schema leads in the document that is made. */
export type ReferenceTo = (target: Target) => string

type Draft = { [keyword: string]: Json }

/**
 * What stands at a place of a schema, in the words of JSON Schema 2020-12, which OpenAPI 3.1 speaks: a list of `items`
 * becomes `prefixItems`, `dependencies` are told apart, references go where they are told, and names, definitions and
 * unknown keywords are left out. What stands beside a `$ref` counts in every dialect, as it does for the guards.
 */
export function translate({ schema, pointer }: Target, source: Schema, referenceTo: ReferenceTo): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const draft = copyOf(schema)
  for (const child of subschemasOf(schema, pointer)) {
    if (isKnown(child.keyword, source) || child.keyword === 'dependencies' || child.keyword === 'additionalItems')
      put(draft, stepsOf(child.pointer.slice(pointer.length)), translate(child, source, referenceTo))
  }
  const { items, ...told } = Object.fromEntries(Object.entries(draft).filter(([keyword]) => isKnown(keyword, source)))
  return {
    ...told,
    ...itemsOf(items, draft.additionalItems),
    ...dependenciesOf(draft, told),
    ...referencesOf({ schema, pointer }, told, source, referenceTo),
  }
}

const KNOWN = new Set(
  (
    '$comment title description default deprecated readOnly writeOnly examples type enum const format ' +
    'multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern contentEncoding ' +
    'contentMediaType contentSchema items prefixItems minItems maxItems uniqueItems contains minContains maxContains ' +
    'unevaluatedItems properties patternProperties additionalProperties unevaluatedProperties propertyNames required ' +
    'minProperties maxProperties dependentRequired dependentSchemas allOf anyOf oneOf not if then else'
  ).split(' '),
)
/** Words of later dialects, which a document in draft-07 may use in any way. */
const SINCE_2019 = new Set(['deprecated', 'contentSchema'])

function isKnown(keyword: string, { dialect }: Schema): boolean {
  if (dialect === 'draft-07' && SINCE_2019.has(keyword)) return false
  return KNOWN.has(keyword) && !FOREIGN_KEYWORDS[dialect].has(keyword)
}

function copyOf(schema: JsonObject): Draft {
  const members = Object.entries(schema).map(([keyword, value]): [string, Json] => [
    keyword,
    Array.isArray(value) ? [...value] : isObject(value) ? { ...value } : value,
  ])
  return Object.fromEntries(members)
}

function put(draft: Draft, [keyword = '', step]: readonly string[], translated: JsonSchema): void {
  if (step === undefined) draft[keyword] = translated
  else (draft[keyword] as Draft)[step] = translated
}

function itemsOf(items: Json | undefined, additionalItems: Json | undefined): Draft {
  if (items === undefined) return {}
  if (!Array.isArray(items)) return { items }
  return { prefixItems: items, ...(additionalItems === undefined ? {} : { items: additionalItems }) }
}

function dependenciesOf({ dependencies }: Draft, { dependentRequired, dependentSchemas }: Draft): Draft {
  if (!isObject(dependencies)) return {}
  const required: Draft = isObject(dependentRequired) ? { ...dependentRequired } : {}
  const schemas: Draft = isObject(dependentSchemas) ? { ...dependentSchemas } : {}
  for (const [name, value] of Object.entries(dependencies)) {
    if (Array.isArray(value)) required[name] = [...new Set([...listOf(required[name]), ...listOf(value)])]
    else schemas[name] = Object.hasOwn(schemas, name) ? { allOf: [schemas[name] ?? true, value] } : value
  }
  return { dependentRequired: required, dependentSchemas: schemas }
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function referencesOf({ schema, pointer }: Target, told: Draft, source: Schema, referenceTo: ReferenceTo): Draft {
  const found = ['$ref', '$dynamicRef', '$recursiveRef'].flatMap((keyword): { $ref: string }[] => {
    const ref = isObject(schema) && !FOREIGN_KEYWORDS[source.dialect].has(keyword) ? schema[keyword] : undefined
    const target = typeof ref === 'string' ? source.references.follow(ref, pointer) : undefined
    return target ? [{ $ref: referenceTo(target) }] : []
  })
  const [only, ...more] = found
  if (only === undefined) return {}
  return more.length === 0 ? only : { allOf: [...listOf(told.allOf), ...found] }
}
