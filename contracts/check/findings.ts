import type { ErrorObject } from 'ajv'
import type { Finding } from '../finding.ts'
import type { FindingCode } from '../finding-codes.ts'
import { isObject, type Json, pointerTo } from '../json.ts'

/** ajv's errors as findings. Of a union, only what is nearest to a match is told: the one alternative with the fewest errors. */
export function toFindings(errors: readonly ErrorObject[]): Finding[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  const [union] = unions.filter(({ schemaPath }) => !unions.some((other) => isBelow(schemaPath, other.schemaPath)))
  if (union === undefined) return errors.map(toFinding)
  const rest = errors.filter((error) => error !== union && !isPartOf(error, union))
  return [...nearest(union, errors), ...toFindings(rest)]
}

/** A union of constants is one list of allowed values. */
function nearest(union: ErrorObject, errors: readonly ErrorObject[]): Finding[] {
  const { schema, instancePath, schemaPath } = union
  const branches: readonly unknown[] = Array.isArray(schema) ? schema : []
  const constants = branches.flatMap((branch): Json[] =>
    isObject(branch) && 'const' in branch ? [branch.const ?? null] : [],
  )
  if (constants.length === branches.length && constants.length > 0)
    return [
      { code: 'value.not-allowed', at: instancePath, reader: { pointer: pointerOf(schemaPath), value: constants } },
    ]
  const perBranch = branches.map((_, i) => errors.filter((error) => isPartOf(error, union, i)))
  const [fewest] = perBranch.filter((found) => found.length > 0).toSorted((a, b) => a.length - b.length)
  return fewest === undefined ? [toFinding(union)] : toFindings(fewest)
}

/** Whether an error comes from an alternative of a union, judged on the same value. */
function isPartOf(error: ErrorObject, union: ErrorObject, branch?: number): boolean {
  const home = branch === undefined ? union.schemaPath : `${union.schemaPath}/${branch}`
  const isSameValue =
    error.instancePath === union.instancePath || error.instancePath.startsWith(`${union.instancePath}/`)
  return isSameValue && isBelow(error.schemaPath, home)
}

function isBelow(path: string, home: string): boolean {
  return path.startsWith(`${home}/`)
}

const CODES: { readonly [keyword: string]: FindingCode } = {
  type: 'value.wrong-type',
  enum: 'value.not-allowed',
  const: 'value.not-allowed',
  required: 'field.missing',
  dependentRequired: 'field.missing',
  additionalProperties: 'field.undeclared',
  unevaluatedProperties: 'field.undeclared',
  minimum: 'number.out-of-bounds',
  maximum: 'number.out-of-bounds',
  exclusiveMinimum: 'number.out-of-bounds',
  exclusiveMaximum: 'number.out-of-bounds',
  multipleOf: 'number.out-of-bounds',
  minLength: 'text.wrong-length',
  maxLength: 'text.wrong-length',
  pattern: 'text.no-match',
  format: 'text.wrong-format',
}

function toFinding({ keyword, instancePath, schemaPath, params, schema }: ErrorObject): Finding {
  const code = (Object.hasOwn(CODES, keyword) ? CODES[keyword] : undefined) ?? 'value.refused'
  const name: unknown = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty
  const at = typeof name === 'string' ? pointerTo(instancePath, name) : instancePath
  // the keyword's value is the contract's own; subschemas are left out, since the place says enough
  return { code, at, reader: { pointer: pointerOf(schemaPath), value: isPlain(schema) ? schema : keyword } }
}

function pointerOf(schemaPath: string): string {
  return schemaPath.replace(/^#/, '')
}

function isPlain(value: unknown): value is Json {
  return typeof value !== 'object' || (Array.isArray(value) && value.every((item) => typeof item !== 'object'))
}
