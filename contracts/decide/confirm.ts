import { type Check, compileCheck } from '../check/check.ts'
import { isObject, type Json, stepsOf } from '../json.ts'
import { type JsonSchema, mapSubschemas } from '../schema/keywords.ts'
import { assembleSchema, type Schema } from '../schema/read.ts'
import type { Prepared } from './prepare.ts'

/** Has ajv, an engine that is not ours, judge a witness: valid for the writer, invalid for the reader. */
export function isConfirmed(witness: Json, writer: Prepared, reader: Prepared): boolean {
  // ajv goes through every branch as often as it is met: minutes, for a choice that is doubled 22 times
  if (Math.max(writer.weight, reader.weight) > MOST_BRANCHES) return false
  return checkFor(witness, writer).accepts(witness) && checkFor(witness, reader).refuses(witness)
}

const MOST_BRANCHES = 100_000

const LARGE = 20_000

/** ajv takes seconds to compile a large schema; of one, it gets what can matter to this message. */
function checkFor(witness: Json, { schema, check, reduced }: Prepared): Check {
  if (schema.canonical.length <= LARGE) return check
  const names = new Set(namesIn(witness))
  const key = [...names].sort().join('\n')
  const known = reduced.get(key)
  if (known) return known
  const made = compileCheck(reduce(schema, names))
  if (reduced.size >= MOST_REDUCED) reduced.clear()
  reduced.set(key, made)
  return made
}

const MOST_REDUCED = 20

/**
 * The schema without the properties whose names stand nowhere in the message: none of them can be looked up, and a name
 * that is not there is not additional either. Names that references pass through stay.
 */
function reduce(schema: Schema, present: ReadonlySet<string>): Schema {
  const names = present.union(new Set(schema.references.places.flatMap(({ schema: at }) => refSteps(at))))
  const keep = (at: JsonSchema): JsonSchema => {
    if (typeof at === 'boolean') return at
    const copy: { [keyword: string]: Json } = { ...at }
    for (const keyword of ['properties', 'dependentSchemas', 'dependencies'])
      if (isObject(copy[keyword])) copy[keyword] = pick(copy[keyword], names)
    return mapSubschemas(copy, keep)
  }
  return assembleSchema(keep(schema.root), schema.dialect, schema.inexact)
}

function pick(value: { readonly [name: string]: Json }, names: ReadonlySet<string>): { [name: string]: Json } {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)))
}

function namesIn(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return []
  const inner = Object.values(value).flatMap((member: Json) => namesIn(member))
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner]
}

function refSteps(schema: Json): string[] {
  const ref = isObject(schema) ? schema.$ref : undefined
  return typeof ref === 'string' && ref.includes('/')
    ? stepsOf(decodeURIComponent(ref.slice(ref.indexOf('#') + 1)))
    : []
}
