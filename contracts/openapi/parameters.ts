import { type Parameter, requestLayout, type TextPart } from '../http/layout.ts'
import { isObject, type JsonObject, pointerTo } from '../json.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'
import { conditionsOf } from '../schema/types.ts'
import type { Components } from './components.ts'
import { type Endpoint, partOf } from './parts.ts'
import type { PathParameter } from './paths.ts'

/** The parameters of an operation: of its path, its query and its headers. */
export function parametersOf(
  endpoint: Endpoint,
  inPath: readonly PathParameter[],
  components: Components,
): JsonObject[] {
  const { name, request: source } = endpoint
  const parts = requestLayout(endpoint).parts.map(({ part, parameters }) => {
    return { part, parameters, target: partOf(source, part), source, title: `${name}.${part}`, components }
  })
  const find = (wanted: TextPart): Part | undefined => parts.find(({ part }) => part === wanted)
  return [
    ...pathParameters(find('path'), inPath),
    ...queryParameters(find('query')),
    ...headerParameters(find('headers')),
  ]
}

/** A part of a request that is written as text, and what the document is made with. */
type Part = {
  readonly part: TextPart
  readonly parameters: readonly Parameter[]
  readonly target: Target
  readonly source: Schema
  readonly title: string
  readonly components: Components
}

/** All that stand in the template, whether the contract describes them or not. */
function pathParameters(part: Part | undefined, inPath: readonly PathParameter[]): JsonObject[] {
  return inPath.map(({ name, shown }) => {
    const parameter = part?.parameters.find((known) => known.name === name)
    const form = part && parameter ? textForm(part, parameter) : { schema: { type: 'string' } }
    return { name: shown, in: 'path', required: true, ...form }
  })
}

/**
 * One by one. What says more than its fields do, such as a union, is one parameter whose members are the query's: only so
 * OpenAPI can tell it.
 */
function queryParameters(part: Part | undefined): JsonObject[] {
  if (part === undefined) return []
  const { source, target, title, components, parameters } = part
  if (isPlain(target.schema)) return parameters.map((parameter) => described(part, parameter, 'query'))
  return [{ name: 'query', in: 'query', schema: components.embed(source, target, title), style: 'form', explode: true }]
}

/** OpenAPI tells these by other means, and ignores them among the parameters. */
const TOLD_OTHERWISE = new Set(['accept', 'content-type', 'authorization'])

function headerParameters(part: Part | undefined): JsonObject[] {
  if (part === undefined) return []
  const told = part.parameters.filter(({ wireName }) => !TOLD_OTHERWISE.has(wireName))
  return told.map((parameter) => described(part, parameter, 'header'))
}

/** A nullable parameter may be left out: null is its absence. */
function described(part: Part, parameter: Parameter, where: string): JsonObject {
  const isRequired = parameter.required && !parameter.nullable
  return { name: parameter.name, in: where, ...(isRequired ? { required: true } : {}), ...textForm(part, parameter) }
}

const PLAIN = new Set('type properties required title description $comment $id $defs definitions'.split(' '))

/** Whether a part is judged field by field. */
function isPlain(schema: JsonSchema): boolean {
  if (!isObject(schema)) return false
  const { properties, required } = schema
  const names: readonly unknown[] = Array.isArray(required) ? required : []
  return (
    names.every((name) => isObject(properties) && Object.hasOwn(properties, String(name))) &&
    Object.entries(schema).every(
      ([keyword, value]) => PLAIN.has(keyword) || (keyword === 'additionalProperties' && !isObject(value)),
    )
  )
}

/** How a value stands in text: repeats for lists, JSON for objects, itself for all others. */
function textForm({ part, source, target, title, components }: Part, { name, kind, isList }: Parameter): JsonObject {
  const places = describedAt(target, source).filter((place) => place.name === name)
  const schemas = places.map(({ place }) => components.embed(source, place, `${title}.${name}`))
  const [first = true] = schemas
  const schema = schemas.length > 1 ? { anyOf: schemas } : first
  if (!isList) return kind === 'json' ? { content: { 'application/json': { schema } } } : { schema }
  const list = kind === 'json' ? LIST_OF_JSON : schema
  return part === 'query' ? { schema: list, style: 'form', explode: true } : { schema: list, style: 'simple' }
}

/** Each item is text that holds JSON, for which OpenAPI has no style. */
const LIST_OF_JSON: JsonObject = { type: 'array', items: { type: 'string', contentMediaType: 'application/json' } }

type Described = { readonly name: string; readonly place: Target }

/** Every place that describes a field of a part, over all branches. */
function describedAt(at: Target, source: Schema, seen = new Set<string>()): Described[] {
  if (seen.has(at.pointer)) return []
  seen.add(at.pointer)
  const properties = isObject(at.schema) && isObject(at.schema.properties) ? at.schema.properties : {}
  const own = Object.entries(properties).flatMap(([name, schema]) =>
    isSchemaShaped(schema) ? [{ name, place: { schema, pointer: pointerTo(at.pointer, 'properties', name) } }] : [],
  )
  const below = conditionsOf(at, source.references).flat()
  return [...own, ...below.flatMap((branch) => describedAt(branch, source, seen))]
}
