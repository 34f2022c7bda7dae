import { type TSchema, Type } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { compileMatch } from '../../../contracts/http/match.ts'
import {
  compileRequestDecode,
  compileRequestEncode,
  endpoint,
  parseBodyText,
  parseQuery,
  type RawRequest,
} from '../../../contracts/index.ts'
import { fc } from '../../support/property.ts'

type Generated = { readonly schema: TSchema; readonly values: fc.Arbitrary<unknown> }

/** Mostly what can be sent, so that whole requests are; what cannot be is among it. */
function mostly<T, U>(fit: fc.Arbitrary<T>, unfit: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 30, arbitrary: fit }, { weight: 1, arbitrary: unfit })
}

const TEXTS = mostly(
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 8 }).map((text) => `a${text.trim()}`.replaceAll(',', ';')),
    fc.constantFrom('0', 'true', '%2F', '%', '+', 'a&b=c', 'é'),
  ),
  fc.oneof(
    fc.string({ maxLength: 8, unit: 'binary' }),
    fc.constantFrom('', '.', '..', ' ', 'Σ', '\ud800', '\0', 'a,b'),
  ),
)
const INTEGERS = mostly(
  fc.integer({ min: -5, max: 2 ** 53 - 1 }),
  fc.constantFrom(-7, -0, 2 ** 53, 1e21, 0.5, Number.NaN),
)
const NUMBERS = mostly(
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    fc.constantFrom(1e21, 5e-324),
  ),
  fc.constantFrom(-0, Number.POSITIVE_INFINITY),
)
const OBJECTS = mostly(
  fc.record({ a: fc.oneof(fc.integer(), TEXTS, fc.array(fc.boolean())) }),
  fc.constantFrom({ a: -0 }, { a: '\ud800' }, { b: 1 }, {}),
)

const SINGLE: readonly Generated[] = [
  { schema: Type.String(), values: TEXTS },
  { schema: Type.String({ maxLength: 8 }), values: TEXTS },
  { schema: Type.Integer({ minimum: -5 }), values: INTEGERS },
  { schema: Type.Number(), values: NUMBERS },
  { schema: Type.Boolean(), values: mostly(fc.boolean(), fc.constantFrom('true', 1)) },
  { schema: Type.Object({ a: Type.Unknown() }), values: OBJECTS },
]
const LISTS = SINGLE.map(
  ({ schema, values }): Generated => ({
    schema: Type.Array(schema),
    values: mostly(fc.array(values, { minLength: 1, maxLength: 3 }), fc.constant([])),
  }),
)
const NULLABLE = SINGLE.map(
  ({ schema, values }): Generated => ({
    schema: Type.Union([schema, Type.Null()]),
    values: fc.oneof(values, fc.constant(null)),
  }),
)

type Part = { readonly fields: { readonly [name: string]: TSchema }; readonly values: fc.Arbitrary<object> }

function part(names: readonly string[], generated: readonly Generated[], isOptional: boolean): fc.Arbitrary<Part> {
  const field = fc.tuple(fc.constantFrom(...generated), isOptional ? fc.boolean() : fc.constant(false))
  return fc.tuple(...names.map(() => field)).map((chosen) => {
    const named = names.map((name, i) => ({
      name,
      generated: chosen[i]?.[0] ?? generated[0],
      optional: chosen[i]?.[1],
    }))
    const mayMiss = named.filter(({ optional, generated: it }) => optional && it && !NULLABLE.includes(it))
    return {
      fields: Object.fromEntries(
        named.map((entry) => [
          entry.name,
          mayMiss.includes(entry)
            ? Type.Optional(entry.generated?.schema ?? Type.String())
            : (entry.generated?.schema ?? Type.String()),
        ]),
      ),
      values: fc.record(Object.fromEntries(named.map(({ name, generated: it }) => [name, it?.values ?? TEXTS])), {
        requiredKeys: named.filter((entry) => !mayMiss.includes(entry)).map(({ name }) => name),
      }),
    }
  })
}

const contracts = fc.record({
  path: part(['id', 'of'], SINGLE, false),
  query: part(['q', 'constructor', 'a b', 'é&='], [...SINGLE, ...LISTS, ...NULLABLE], true),
  headers: part(['X-One', 'two'], [...SINGLE, ...LISTS, ...NULLABLE], true),
  body: fc.constantFrom<Generated>(
    { schema: Type.Object({ a: Type.Integer() }), values: fc.record({ a: INTEGERS }) },
    { schema: Type.Array(Type.String()), values: fc.array(TEXTS, { maxLength: 3 }) },
  ),
})

const cases = contracts.chain(({ path, query, headers, body }) =>
  fc.record({
    contract: fc.constant(
      endpoint('Generated', {
        method: 'POST',
        path: '/of/{of}/by-:id.json',
        request: { path: path.fields, query: query.fields, headers: headers.fields, body: body.schema },
        responses: {},
      }),
    ),
    requests: fc.array(
      fc.record({ path: path.values, query: query.values, headers: headers.values, body: body.values }),
      {
        minLength: 20,
        maxLength: 20,
      },
    ),
  }),
)

/** What has no form in a request although its schema allows it. */
const FORMLESS = new Set([
  'list.empty',
  'text.no-form',
  'text.ill-formed',
  'number.negative-zero',
  'number.not-finite',
  'number.unsafe-integer',
])

/** A request as a server receives it. */
function received(request: {
  target: string
  headers: readonly (readonly [string, string])[]
  body?: string
}): RawRequest {
  const { pathname, search } = new URL(`http://here${request.target}`)
  const { path } = compileMatch('/of/{of}/by-:id.json')(pathname) ?? {}
  const headers: Record<string, string[]> = {}
  for (const [name, text] of request.headers) (headers[name.toLowerCase()] ??= []).push(text)
  return {
    path: path ?? {},
    query: parseQuery(search.slice(1)).query,
    headers,
    body: parseBodyText(request.body ?? '').value,
  }
}

test('what a client encodes, its server decodes to the same; what is refused, ajv refuses, or it has no form', () => {
  const seen = { sent: 0, refused: 0, formless: 0 }
  fc.assert(
    fc.property(cases, ({ contract, requests }) => {
      const isValid = new Ajv({ ownProperties: true }).compile(contract.requestType)
      const [encode, decode] = [compileRequestEncode(contract), compileRequestDecode(contract)]
      for (const parts of requests) {
        const { request, findings } = encode(parts as Parameters<typeof encode>[0])
        const outcome = request ? 'sent' : findings.every(({ code }) => FORMLESS.has(code)) ? 'formless' : 'refused'
        seen[outcome]++
        expect([isValid(wireOf(parts)) ? 'sent' : 'refused', 'formless']).toContain(outcome)
        expect(request ? decode(received(request)) : { parts: wireOf(parts) }).toEqual({ parts: wireOf(parts) })
      }
    }),
    { numRuns: 25 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(10)
})

/** A body is what its JSON says. */
function wireOf(parts: { readonly body: unknown }): object {
  return { ...parts, body: JSON.parse(JSON.stringify(parts.body)) as unknown }
}

test('any texts at all are decoded or refused, and what is decoded is what ajv accepts', () => {
  const texts = fc.dictionary(
    fc.constantFrom('id', 'of', 'q', 'constructor', 'a b', 'x-one', 'two', '__proto__'),
    fc.oneof(TEXTS, fc.array(TEXTS, { minLength: 1, maxLength: 3 })),
  )
  const raws = fc.record({ path: texts, query: texts, headers: texts, body: fc.jsonValue() })
  fc.assert(
    fc.property(cases, fc.array(raws, { minLength: 20 }), ({ contract }, many) => {
      const decode = compileRequestDecode(contract)
      const isValid = new Ajv({ ownProperties: true }).compile(contract.requestType)
      for (const raw of many) {
        const { parts, findings } = decode(raw)
        expect(findings === undefined ? isValid(parts) : findings.length > 0).toBe(true)
      }
    }),
    { numRuns: 20 },
  )
})
