import type { JsonObject, JsonSchema } from '../contracts/index.ts'
import { domains, type Fields, records } from './domains.ts'

/** A contract and what became of it. The messages that lie on the stream are the old one's; the new reader reads them. */
export type Pair = { readonly writer: JsonSchema; readonly reader: JsonSchema }

/** The pair of the story: the writer writes `option`, the reader reads `vote`. */
export const vote: Pair = {
  writer: object({
    option: { enum: ['cats', 'dogs'] },
    timestamp: { type: 'integer' },
    request_id: { type: 'string', format: 'uuid' },
  }),
  reader: object({ vote: { enum: ['cats', 'dogs'] } }),
}

/** Contracts of 15 to 70 nodes, as most event streams have them. */
export const usual = (): readonly Pair[] => pairsOf(48, (i) => event(i, i % 3))

/** Contracts of up to 500 nodes: events that carry whole documents. */
export const large = (): readonly Pair[] => pairsOf(16, (i) => event(i, 8 + i * 2))

/** One event: an envelope, the fields of its domain, and so many whole records. */
function event(i: number, size: number): JsonObject {
  const [name, fields] = pick(domains, i)
  const parts = Array.from({ length: size }, (_, j): [string, JsonObject] => {
    const [record, inner] = pick(records, i + j)
    return [`${record}_${j}`, j % 3 === 1 ? { type: 'array', items: object(inner), maxItems: 50 } : object(inner)]
  })
  return {
    ...object({ ...envelope(name, i), ...fields, ...Object.fromEntries(parts) }, i % 4 === 0 ? 2 : 3),
    $defs: { money, reference },
    title: `${name}-${i}`,
  }
}

const money = object({
  amount: { type: 'number', minimum: 0 },
  currency: { type: 'string', pattern: '^[A-Z]{3}$' },
})
const reference = object({ id: { type: 'string', format: 'uuid' }, kind: { type: 'string', maxLength: 40 } })

const envelope = (name: string, i: number): Fields => ({
  event_id: { type: 'string', format: 'uuid' },
  event_type: { const: `${name}.v${(i % 3) + 1}` },
  occurred_at: { type: 'string', format: 'date-time' },
  producer: { type: 'string', minLength: 1, maxLength: 80 },
  trace: { type: 'object', properties: { trace_id: { type: 'string', pattern: '^[0-9a-f]{32}$' } } },
})

/** An object that requires all of its fields but every `optionalEach`th. */
function object(properties: Fields, optionalEach = 0): JsonObject {
  const names = Object.keys(properties)
  const required = optionalEach === 0 ? names : names.filter((_, i) => i % optionalEach !== optionalEach - 1)
  return { type: 'object', properties, required }
}

function pairsOf(count: number, make: (i: number) => JsonObject): Pair[] {
  return Array.from({ length: count }, (_, i) => {
    const writer = make(i)
    return { writer, reader: pick(EVOLUTIONS, i)(writer, i) }
  })
}

type Evolution = (schema: JsonObject, i: number) => JsonObject

/** What happens to contracts, the harmless first. */
const EVOLUTIONS: readonly Evolution[] = [
  (schema) => ({ ...schema, description: 'Reworded, and nothing else.' }),
  (schema) => withField(schema, 'note', { type: 'string', maxLength: 500 }),
  (schema) => withoutField(schema, 'producer'),
  (schema) => changed(schema, 'producer', { type: 'string', maxLength: 200 }),
  (schema) => requiring(withField(schema, 'tenant', { type: 'string', minLength: 1 }), 'tenant'),
  (schema) => renamed(schema, 'occurred_at', 'happened_at'),
  (schema) => changed(schema, 'producer', { type: 'string', minLength: 1, maxLength: 20 }),
  (schema) => changed(schema, 'event_id', { type: 'integer', minimum: 1 }),
  (schema) => changed(schema, lastOf(schema), { type: 'null' }),
  (schema) => requiring(schema, ...Object.keys(fieldsOf(schema))),
  (schema) => ({ ...schema, additionalProperties: false }),
  (schema) => deep(schema),
]

function withField(schema: JsonObject, name: string, field: JsonObject): JsonObject {
  return { ...schema, properties: { ...fieldsOf(schema), [name]: field } }
}

function changed(schema: JsonObject, name: string, field: JsonObject): JsonObject {
  return withField(schema, name, field)
}

function withoutField(schema: JsonObject, name: string): JsonObject {
  const { [name]: _gone, ...properties } = fieldsOf(schema)
  return { ...schema, properties, required: requiredOf(schema).filter((other) => other !== name) }
}

function renamed(schema: JsonObject, from: string, to: string): JsonObject {
  return requiring(withField(withoutField(schema, from), to, fieldsOf(schema)[from] ?? {}), to)
}

function requiring(schema: JsonObject, ...names: readonly string[]): JsonObject {
  return { ...schema, required: [...new Set([...requiredOf(schema), ...names])] }
}

/** Narrows a field of a definition, which a look at the fields alone does not see. */
function deep(schema: JsonObject): JsonObject {
  const narrower = changed(money, 'amount', { type: 'number', exclusiveMinimum: 0 })
  return { ...schema, $defs: { money: narrower, reference } }
}

function fieldsOf({ properties }: JsonObject): Fields {
  return properties as Fields
}

function requiredOf({ required: names }: JsonObject): readonly string[] {
  return names as readonly string[]
}

function lastOf(schema: JsonObject): string {
  return Object.keys(fieldsOf(schema)).at(-1) ?? ''
}

function pick<Value>(values: readonly Value[], i: number): Value {
  return values[i % values.length] as Value
}
