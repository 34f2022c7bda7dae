import type { Finding } from '../finding.ts'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { isSchemaShaped, type JsonSchema } from '../schema/keywords.ts'
import { isFound } from './family.ts'
import { intern, preparePair } from './prepare.ts'
import { createSearch } from './search.ts'
import { ENGINE, type Policy, type Verdict } from './verdict.ts'
import { decideFields } from './wire.ts'

type Decide = (writer: JsonSchema, reader: JsonSchema) => Verdict

const TEXT_PARTS = ['path', 'query', 'headers']

/**
 * The same question for one side of an HTTP operation, whose schema has a property for each part. Path, query and headers
 * are texts, so they are compared as the fields of an entry are; a body is a value. Parts are independent: each is asked
 * by itself.
 */
export function decideHttp(writer: JsonSchema, reader: JsonSchema, policy: Policy, decide: Decide): Verdict {
  if (!isPartsObject(writer) || !isPartsObject(reader)) return decide(writer, reader)
  const verdicts = Object.keys(reader.properties).map((part): [string, Verdict] => [
    part,
    decidePart(writer, reader, part, policy, decide),
  ])
  const refused = verdicts.filter(([, { answer }]) => answer === 'incompatible')
  const open = verdicts.find(([, { answer }]) => answer === 'unknown')
  const findings = verdicts.flatMap(([part, verdict]) => verdict.findings.map((finding) => inPart(part, finding)))
  const [first] = refused
  if (!first)
    return open
      ? { ...open[1], findings }
      : { answer: 'compatible', policy, engine: ENGINE, findings, ...declaredOnly(verdicts) }
  const [part, { witness = null }] = first
  return { answer: 'incompatible', policy, engine: ENGINE, witness: wholeMessage(writer, part, witness), findings }
}

/** A body is compared inside the object around it, so its findings name it already. */
function inPart(part: string, finding: Finding): Finding {
  return part === 'body' ? finding : { ...finding, at: `/${part}${finding.at}` }
}

type PartsObject = JsonObject & { readonly properties: JsonObject }

function isPartsObject(schema: JsonSchema): schema is PartsObject {
  if (!isObject(schema) || !isObject(schema.properties)) return false
  const isPlain = Object.keys(schema).every((keyword) =>
    ['$schema', '$defs', 'definitions', 'type', 'properties', 'required'].includes(keyword),
  )
  return isPlain && Object.keys(schema.properties).every((part) => part === 'body' || TEXT_PARTS.includes(part))
}

function decidePart(writer: PartsObject, reader: PartsObject, part: string, policy: Policy, decide: Decide): Verdict {
  if (!TEXT_PARTS.includes(part)) return decide(bodyOf(writer, part), bodyOf(reader, part))
  const [written, read] = [partOf(writer, part), partOf(reader, part)]
  return decideFields(written, part === 'headers' ? opened(read) : read, policy, decide, 'reads')
}

/** A part that is not described carries nothing. Header names know no case. */
function partOf(schema: PartsObject, part: string): JsonSchema {
  const described = schema.properties[part]
  if (!isObject(described)) return { type: 'object', additionalProperties: false }
  const whole = withDefinitions(schema, described)
  return part === 'headers' ? lowerCased(whole) : whole
}

/** The body, as the one member of an object, so that one that is missing is told from one that is wrong. */
function bodyOf(schema: PartsObject, part: string): JsonSchema {
  const described = schema.properties[part]
  const required = Array.isArray(schema.required) && schema.required.includes(part) ? [part] : []
  const properties = described === undefined ? {} : { [part]: described }
  return withDefinitions(schema, { type: 'object', properties, required })
}

function withDefinitions({ $schema, $defs, definitions }: PartsObject, schema: JsonObject): JsonObject {
  const outer = { $schema, $defs, definitions }
  return {
    ...Object.fromEntries(Object.entries(outer).filter((entry): entry is [string, Json] => entry[1] !== undefined)),
    ...schema,
  }
}

function lowerCased(schema: JsonObject): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required : []
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name.toLowerCase(), member])),
    required: required.map((name) => String(name).toLowerCase()),
  }
}

/** Headers are never closed: a reader lets those pass that it does not know. */
function opened(schema: JsonSchema): JsonSchema {
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([keyword]) => keyword !== 'additionalProperties' && keyword !== 'unevaluatedProperties',
    ),
  )
}

function declaredOnly(verdicts: readonly [string, Verdict][]): { onlyAsDeclared?: true } {
  return verdicts.some(([, { onlyAsDeclared }]) => onlyAsDeclared) ? { onlyAsDeclared: true } : {}
}

/** A whole message around the part that shows the clash; of the other parts, what must be there. */
function wholeMessage(writer: PartsObject, part: string, witness: Json): Json {
  const others = Object.keys(writer.properties).filter((name) => name !== part && isRequired(writer, name))
  const message = Object.fromEntries(others.map((name): [string, Json] => [name, smallest(partSchema(writer, name))]))
  // a body's witness is the object around it already, since a body may be missing
  return part === 'body' && isObject(witness) ? { ...message, ...witness } : { ...message, [part]: witness }
}

function isRequired({ required }: PartsObject, name: string): boolean {
  return Array.isArray(required) && required.includes(name)
}

function partSchema(schema: PartsObject, name: string): JsonSchema {
  const part = schema.properties[name]
  return isObject(part) ? withDefinitions(schema, part) : isSchemaShaped(part) ? part : true
}

function smallest(schema: JsonSchema): Json {
  const [{ prepared }] = preparePair(schema, true)
  const found = prepared && createSearch({ steps: 1000, intern }).find([prepared.node], [])
  return found && isFound(found) ? found.value : null
}
