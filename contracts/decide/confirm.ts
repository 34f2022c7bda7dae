import { type Check, compileCheck } from '../check/check.ts'
import { isObject, type Json, stepsOf } from '../json.ts'
import { isSchemaShaped, subschemasOf } from '../schema/keywords.ts'
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
  const keep = (value: Json): Json => {
    if (!isSchemaShaped(value) || typeof value === 'boolean') return value
    const copy: { [keyword: string]: Json } = { ...value }
    for (const keyword of ['properties', 'dependentSchemas', 'dependencies'])
      if (isObject(copy[keyword])) copy[keyword] = pick(copy[keyword], names)
    for (const keyword of new Set(subschemasOf(copy).map((child) => child.keyword)))
      copy[keyword] = inside(copy[keyword] ?? null, keyword, keep)
    return copy
  }
  const root = keep(schema.root)
  return isSchemaShaped(root) ? assembleSchema(root, schema.dialect, schema.inexact) : schema
}

const MAPS = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions'])

function inside(value: Json, keyword: string, keep: (value: Json) => Json): Json {
  if (Array.isArray(value)) return value.map(keep)
  if (!MAPS.has(keyword) || !isObject(value)) return keep(value)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, keep(member)]))
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
