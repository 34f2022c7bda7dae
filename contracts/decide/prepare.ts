import { type Check, compileCheck } from '../check/check.ts'
import type { Finding } from '../finding.ts'
import { asDeclared } from '../schema/as-declared.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { readSchema, type Schema, type SchemaRead } from '../schema/read.ts'
import { compileNodes } from './compile.ts'
import { ANY_ID, type Node } from './node.ts'
import { asSpecified, asValidated, type Reading } from './readings.ts'

/** A schema made ready for verdicts: its nodes for the search, and ajv to judge what the search found. */
export type Prepared = {
  readonly schema: Schema
  readonly node: Node
  /** How many branches judge one value at most. */
  readonly weight: number
  /** What it says that the engine cannot judge. */
  readonly beyond: readonly Finding[]
  readonly check: Check
  /** Of a large schema: what matters to messages with certain names, made ready to check them. */
  readonly reduced: Map<string, Check>
  /** The same for what a writer that sends only declared fields can send. */
  readonly declared: () => Prepared
  /** The same as the specification reads it, where validators read it otherwise. */
  readonly specified: () => Prepared | undefined
}
export type Preparation =
  | { readonly prepared: Prepared; readonly findings?: undefined }
  | (SchemaRead & { readonly prepared?: undefined })

/**
 * Preparing costs a hundred times what deciding does, so the schemas used last stay prepared. What is kept is a pure
 * function of the schema's text, and bounded: whatever is dropped is made again, with the same answers. A prepared schema
 * takes about fifty times the memory of its text.
 */
const MOST_BYTES = 2 * 1024 * 1024
const MOST_IDS = 100_000
const kept = new Map<string, Preparation>()
let keptBytes = 0
const ids = new Map<string, number>()

export function intern(key: string): number {
  const known = ids.get(key)
  if (known !== undefined) return known
  const id = ids.size + ANY_ID + 1
  ids.set(key, id)
  return id
}

/** Prepares a writer and a reader together, so that their ids can be compared. */
export function preparePair(writer: JsonSchema, reader: JsonSchema): [Preparation, Preparation] {
  if (ids.size > MOST_IDS) forgetAll()
  const pair: [Preparation, Preparation] = [prepare(writer), prepare(reader)]
  forgetOldest()
  return pair
}

function prepare(source: JsonSchema): Preparation {
  const text = JSON.stringify(source) ?? ''
  const known = kept.get(text)
  const preparation = known ?? prepareAnew(source)
  if (known) kept.delete(text)
  else keptBytes += text.length
  // A map lists what was set first first: that is the one to go.
  kept.set(text, preparation)
  return preparation
}

function prepareAnew(source: JsonSchema): Preparation {
  const read = readSchema(source)
  return read.schema ? { prepared: prepareSchema(asValidated(read.schema)) } : read
}

function forgetOldest(): void {
  for (const text of kept.keys()) {
    if (keptBytes <= MOST_BYTES) return
    kept.delete(text)
    keptBytes -= text.length
  }
}

function forgetAll(): void {
  kept.clear()
  ids.clear()
  keptBytes = 0
}

function prepareSchema(schema: Reading): Prepared {
  let closed: Prepared | undefined
  let specified: Prepared | undefined | null = null
  return {
    schema,
    ...compileNodes(schema, intern),
    check: compileCheck(schema),
    reduced: new Map(),
    declared: () => (closed ??= prepareSchema(asDeclared(schema))),
    specified: () => {
      if (specified !== null) return specified
      const other = asSpecified(schema)
      specified = other && prepareSchema(other)
      return specified
    },
  }
}
