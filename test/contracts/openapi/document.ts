import { validate } from '@hyperjump/json-schema/openapi-3-1'
import type { Described, OpenApiDocument } from '../../../contracts/index.ts'
import { isObject, type Json, type JsonObject, valueAt } from '../../../contracts/json.ts'
import { bundle } from '../../../contracts/schema/bundle.ts'
import type { JsonSchema } from '../../../contracts/schema/keywords.ts'
import { readSchema, type Schema } from '../../../contracts/schema/read.ts'

/** What OpenAPI's own schema, and that of its dialect, have against a document: the keywords that it breaks. */
export async function problemsOf(document: OpenApiDocument): Promise<readonly string[]> {
  const text = JSON.parse(JSON.stringify(document)) as Json
  const validator = await validate(SCHEMA_BASE)
  const output = validator(text as Parameters<typeof validator>[0], 'BASIC')
  return output.valid ? [] : ['invalid', ...(output.errors ?? []).map(({ instanceLocation }) => instanceLocation)]
}

const SCHEMA_BASE = 'https://spec.openapis.org/oas/3.1/schema-base'

/** What stands at a pointer into a document, as a schema by itself. */
export function schemaAt(document: OpenApiDocument, pointer: string): JsonObject {
  const whole = document as unknown as JsonObject
  const $schema = 'https://json-schema.org/draft/2020-12/schema'
  return { $schema, allOf: [valueAt(whole, pointer) ?? false], components: whole.components ?? {} }
}

/** Every `$ref` in a document, and whether something is there. */
export function lostReferencesIn(document: OpenApiDocument): string[] {
  const whole = document as unknown as JsonObject
  return refsIn(whole).filter((ref) => valueAt(whole, decodeURIComponent(ref.slice(1))) === undefined)
}

function refsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn)
  if (!isObject(value)) return []
  const own = typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(refsIn)]
}

/** An operation whose body, and whose answer 200, are in this schema, in the dialect that it declares. */
export function echoing(body: JsonSchema): Described['serves'][number] {
  const schema = inBody(body)
  return { name: 'Echo', method: 'POST', path: '/echo', request: schema, responses: { 200: schema } }
}

function inBody(body: JsonSchema): Schema {
  const about = isObject(body) && body.$schema !== undefined ? { $schema: body.$schema } : {}
  const whole = { ...about, type: 'object', properties: { body: { $ref: BODY } }, required: ['body'] }
  const { schema, findings } = readSchema(bundle(whole, { [BODY]: body }))
  if (findings) throw new Error(JSON.stringify(findings))
  return schema
}

const BODY = 'https://contract.test/body'
export const ECHOED = '/paths/~1echo/post/requestBody/content/application~1json/schema'
