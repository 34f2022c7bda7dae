import { ContractRefused, type Direction } from '../contract.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import { readSchema } from '../schema/read.ts'
import { compileDecode, compileEncode } from '../wire/codec.ts'
import type { Kind } from '../wire/kinds.ts'
import { type Field, layoutOf, type Wire } from '../wire/layout.ts'
import { formatJson } from '../wire/text.ts'
import { ENGINE, type Policy, type UnknownReason, type Verdict } from './verdict.ts'

type Decide = (writer: JsonSchema, reader: JsonSchema) => Verdict

/**
 * The same question for a `fields` stream. Fields of one kind on both sides are compared as values. Null is the absence of
 * its field, so there both sides are compared without it; and fields of different kinds as the texts that stand there.
 */
export function decideFields(
  writer: JsonSchema,
  reader: JsonSchema,
  policy: Policy,
  decide: Decide,
  // an entry may not be empty; the query of a request may
  direction: Direction = 'writes',
): Verdict {
  const [w, r] = [sideOf(writer, direction), sideOf(reader, 'reads')]
  if (!('wire' in w))
    return { answer: 'unknown', policy, engine: ENGINE, reason: 'writer-unreadable', findings: w.findings }
  if (!('wire' in r))
    return { answer: 'unknown', policy, engine: ENGINE, reason: 'reader-unreadable', findings: r.findings }
  const mixed = mixedFields(w.fields, r.fields)
  const absent = new Set([...w.fields, ...r.fields].filter(({ nullable }) => nullable).map(({ name }) => name))
  if (mixed.size === 0 && absent.size === 0) return withEntry(decide(writer, reader), w)
  const [asWritten, asRead] = [rewritten(w, mixed, absent), rewritten(r, mixed, absent)]
  if (asWritten === undefined || asRead === undefined)
    return { answer: 'unknown', policy, engine: ENGINE, reason: 'beyond-engine', findings: [] }
  return onTheWire(decide(asWritten, asRead), w, r, mixed)
}

type Side = {
  readonly direction: Direction
  readonly wire: Wire
  readonly fields: readonly Field[]
  readonly root: JsonSchema
}

function sideOf(root: JsonSchema, direction: Direction): Side | { readonly findings: Verdict['findings'] } {
  const read = readSchema(root)
  if (read.findings) return { findings: read.findings }
  const wire: Wire = { channel: 'stream', schema: read.schema, encoding: 'fields', field: 'data', headers: 'off' }
  try {
    return { direction, wire, root, fields: layoutOf(wire, direction).fields }
  } catch (error) {
    if (error instanceof ContractRefused) return { findings: error.findings }
    throw error
  }
}

/** Fields whose texts are written by one rule and read by another. An integer's text is a number's too. */
function mixedFields(written: readonly Field[], read: readonly Field[]): ReadonlySet<string> {
  const kinds = new Map(written.map(({ name, kind }) => [name, family(kind)]))
  return new Set(
    read.filter(({ name, kind }) => (kinds.get(name) ?? family(kind)) !== family(kind)).map(({ name }) => name),
  )
}

function family(kind: Kind): Kind {
  return kind === 'integer' ? 'number' : kind
}

/** The schema of what lies in the entry. Undefined where fields are described behind references or conditions. */
function rewritten(side: Side, mixed: ReadonlySet<string>, absent: ReadonlySet<string>): JsonSchema | undefined {
  const kinds = new Map(side.fields.map(({ name, kind }) => [name, kind]))
  const field = (name: string, schema: JsonSchema): Json => {
    if (mixed.has(name)) return textsOf(schema, kinds.get(name) ?? 'text')
    return absent.has(name) ? { allOf: [schema], not: { type: 'null' } } : schema
  }
  // where null is possible, a missing field is read as it
  const optional = new Set(side.fields.filter(({ nullable }) => nullable).map(({ name }) => name))
  return rewriteBranch(side.root, field, optional)
}

function rewriteBranch(
  schema: JsonSchema,
  field: (name: string, schema: JsonSchema) => Json,
  optional: ReadonlySet<string>,
): JsonSchema | undefined {
  if (typeof schema === 'boolean') return schema
  if (
    ['$ref', 'if', 'not', 'dependentSchemas', 'dependencies', 'patternProperties'].some((keyword) => keyword in schema)
  )
    return undefined
  const copy: { [keyword: string]: Json } = { ...schema }
  if (isObject(schema.properties)) copy.properties = mapMembers(schema.properties, field)
  if (Array.isArray(schema.required)) copy.required = schema.required.filter((name) => !optional.has(String(name)))
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[keyword]
    if (!Array.isArray(branches)) continue
    const done = branches.map((branch) => (isSchemaShaped(branch) ? rewriteBranch(branch, field, optional) : undefined))
    if (done.includes(undefined)) return undefined
    copy[keyword] = done.filter((branch) => branch !== undefined)
  }
  return copy
}

function mapMembers(properties: JsonObject, field: (name: string, schema: JsonSchema) => Json): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, isSchemaShaped(schema) ? field(name, schema) : schema]),
  )
}

const TEXTS: { readonly [kind in Exclude<Kind, 'text'>]: JsonObject } = {
  integer: { type: 'string', pattern: '^-?(?:0|[1-9][0-9]*)$' },
  number: { type: 'string', pattern: '^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$' },
  boolean: { enum: ['true', 'false'] },
  json: { type: 'string', pattern: '^[\\[{]' },
}

/** The texts of a field: all that its kind has. Bounds are left out, so that there may be more of them than there are. */
function textsOf(schema: JsonSchema, kind: Kind): JsonSchema {
  return kind === 'text' ? schema : TEXTS[kind]
}

/** Whether the texts that a reader takes are told exactly, so that a proof about them is a proof. */
function isExact({ fields }: Side, mixed: ReadonlySet<string>): boolean {
  return fields.every(({ name, kind }) => !mixed.has(name) || kind === 'text')
}

function onTheWire(verdict: Verdict, writer: Side, reader: Side, mixed: ReadonlySet<string>): Verdict {
  const { policy, engine } = verdict
  const unknown = (reason: UnknownReason): Verdict => ({
    answer: 'unknown',
    policy,
    engine,
    reason,
    findings: verdict.findings,
  })
  if (verdict.answer === 'unknown') return verdict
  if (verdict.answer === 'compatible') return isExact(reader, mixed) ? verdict : unknown('too-intricate')
  const entry = entryOf(verdict.witness ?? null, writer, mixed)
  const { message } = compileDecode(writer.wire)(entry)
  const sent = message === undefined ? undefined : sentBy(writer, message, entry)
  if (sent === undefined || compileDecode(reader.wire)(sent).findings === undefined)
    return unknown('witness-unconfirmed')
  return withEntry({ ...verdict, witness: message as Json }, writer)
}

/** The entry that a witness of texts and values stands for. */
function entryOf(witness: Json, { fields }: Side, mixed: ReadonlySet<string>): string[] {
  const kinds = new Map(fields.map(({ name, kind }) => [name, kind]))
  return Object.entries(isObject(witness) ? witness : {}).flatMap(([name, value]) => {
    const isText = typeof value === 'string' && (mixed.has(name) || kinds.get(name) === 'text')
    return [name, isText ? value : (formatJson(value).text ?? '')]
  })
}

/** What the writer sends: its own encoding of the message; where nothing is encoded, what stands there. */
function sentBy({ direction, wire }: Side, message: unknown, entry: string[]): string[] | undefined {
  return direction === 'writes' ? compileEncode(wire)(message).entry : entry
}

function withEntry(verdict: Verdict, writer: Side): Verdict {
  if (verdict.witness === undefined || writer.direction === 'reads') return verdict
  const { entry } = compileEncode(writer.wire)(verdict.witness)
  return entry ? { ...verdict, wire: pairsOf(entry) } : verdict
}

function pairsOf(entry: readonly string[]): [string, string][] {
  return entry.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, entry[i + 1] ?? '']] : []))
}
