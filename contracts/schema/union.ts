import { isObject } from '../json.ts'
import { bundle, type Documents } from './bundle.ts'
import type { JsonSchema } from './keywords.ts'

/** The schema of all that one of these accepts. They must be of one dialect. */
export function unionOf(schemas: readonly JsonSchema[]): JsonSchema {
  const dialect = schemas.flatMap((schema) => (isObject(schema) && schema.$schema ? [schema.$schema] : []))
  const about = dialect[0] === undefined ? {} : { $schema: dialect[0] }
  if (!schemas.some(refers)) return { ...about, anyOf: schemas.map(withoutDialect) }
  // What refers to its own parts stays a document of its own, where its references still find them.
  const documents: Documents = Object.fromEntries(namesOf(schemas).map((name, i) => [name, schemas[i] ?? true]))
  return bundle({ ...about, anyOf: Object.keys(documents).map(($ref) => ({ $ref })) }, documents)
}

/** Whether it has references, or names to which something could refer. */
function refers(schema: JsonSchema): boolean {
  return /"\$(?:id|ref|dynamicRef|recursiveRef|anchor|dynamicAnchor)":/.test(JSON.stringify(schema))
}

/** A schema keeps the name that it has, as its own references may use it, unless another has the same. */
function namesOf(schemas: readonly JsonSchema[]): string[] {
  const own = schemas.map((schema) => (isObject(schema) && typeof schema.$id === 'string' ? schema.$id : ''))
  return own.map((name, i) => (name === '' || own.indexOf(name) !== own.lastIndexOf(name) ? `${SHAPE}${i}` : name))
}

const SHAPE = 'concordat:///shape/'

function withoutDialect(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema
  const { $schema: _, ...rest } = schema
  return rest
}
