import type { Json, JsonObject } from '../../contracts/json.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import type { Pair } from './generated-schemas.ts'
import { seededRandom } from './random.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)

/** A union of events told apart by a tag, each with fields of its own. */
export function taggedUnion(branches: number): JsonSchema {
  return {
    oneOf: range(branches).map((i) => ({
      type: 'object',
      properties: { kind: { const: `kind-${i}` }, id: { type: 'string' }, [`field-${i}`]: { type: 'integer' } },
      required: ['kind', 'id', `field-${i}`],
    })),
  }
}

/** Unions of closed objects without a tag, in one another: only the names of their fields tell them apart. */
export function untaggedUnion(branches: number, depth: number): JsonSchema {
  return {
    oneOf: range(branches).map((i) => ({
      type: 'object',
      properties: { [`field-${i}`]: depth === 0 ? { type: 'integer' } : untaggedUnion(branches, depth - 1) },
      required: [`field-${i}`],
      additionalProperties: false,
    })),
  }
}

/** A writer with messages only where all clauses of three literals hold, as satisfiability of logic. */
export function satisfiability(variables: number, clauses: number, seed: number): Pair {
  const random = seededRandom(seed)
  const names = range(variables).map((i) => `v${i}`)
  const literal = (): Json => ({ properties: { [random.pick(names)]: { const: random.isHit(0.5) } } })
  return {
    writer: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, { type: 'boolean' }])),
      required: names,
      additionalProperties: false,
      allOf: range(clauses).map(() => ({ anyOf: [literal(), literal(), literal()] })),
    },
    reader: false,
  }
}

/** Chains of objects, each inside the one before. */
export function nested(depth: number, leaf: JsonObject): JsonSchema {
  return range(depth).reduce<JsonObject>(
    (inner) => ({ type: 'object', properties: { in: inner }, required: ['in'] }),
    leaf,
  )
}

/** A choice of the same reference twice, again and again: 2^levels ways to one leaf. */
export function doubling(levels: number, leaf: JsonObject): JsonSchema {
  const definitions = range(levels).map((i): [string, Json] => [
    `d${i}`,
    { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}`, title: 'again' }] },
  ])
  return { $ref: '#/$defs/d0', $defs: { ...Object.fromEntries(definitions), [`d${levels}`]: leaf } }
}

/** Definitions that refer to each other in a circle, by way of a field. */
export function circle(length: number, leaf: JsonObject): JsonSchema {
  const definitions = range(length).map((i): [string, Json] => [
    `d${i}`,
    {
      type: 'object',
      properties: { value: leaf, next: { $ref: `#/$defs/d${(i + 1) % length}` } },
      required: ['value'],
    },
  ])
  return { $ref: '#/$defs/d0', $defs: Object.fromEntries(definitions) }
}

/** Objects of many fields in an object of many fields. */
export function wide(outer: number, inner: number, leaf: (i: number) => JsonObject): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(
      range(outer).map((i) => [
        `field-${i}`,
        { type: 'object', properties: Object.fromEntries(range(inner).map((j) => [`part-${j}`, leaf(i * inner + j)])) },
      ]),
    ),
  }
}

export function object(properties: JsonObject, required: readonly string[] = Object.keys(properties)): JsonObject {
  return { type: 'object', properties, required }
}

export function text(pattern: string): JsonSchema {
  return { type: 'string', pattern }
}
