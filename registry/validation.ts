import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'

/** Validation never edits data, and sees no member that an object only inherits. */
const ajv = new Ajv({
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  ownProperties: true,
  allowUnionTypes: true,
  allErrors: false,
})

const compiled = new WeakMap<object, ValidateFunction>()

/**
 * Compiles what a route wants of its requests when the first of them comes: all of them at once would take as long as the rest
 * of the start. Servers of one process share what has been compiled.
 */
export const compileWhenAsked: FastifySchemaCompiler<object> = ({ schema }) => {
  const validate = (value: unknown) => {
    let check = compiled.get(schema)
    if (check === undefined) {
      check = ajv.compile(schema)
      compiled.set(schema, check)
    }
    return check(value) || { error: check.errors ?? [] }
  }
  return validate
}
