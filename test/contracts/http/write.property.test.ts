import { Type } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { compileResponseCheck, endpoint } from '../../../contracts/index.ts'
import { fc } from '../../support/property.ts'

const Line = Type.Object({ sku: Type.String({ maxLength: 3 }), count: Type.Optional(Type.Integer({ minimum: 0 })) })
const Body = Type.Object({
  id: Type.Integer(),
  state: Type.Union([Type.Literal('open'), Type.Literal('paid')]),
  total: Type.Optional(Type.Number({ exclusiveMaximum: 100 })),
  zip: Type.Optional(Type.String({ pattern: '^[0-9]*$' })),
  paid: Type.Boolean(),
  note: Type.Union([Type.String(), Type.Null()]),
  lines: Type.Array(Line, { maxItems: 2 }),
  more: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  constructor: Type.Optional(Type.String()),
})
const Answer = endpoint('Answer', { method: 'GET', path: '/', responses: { 200: Body } })

class Own {
  sku = 'a'
}

function mostly<T, U>(fit: fc.Arbitrary<T>, unfit: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: 30, arbitrary: fit }, { weight: 1, arbitrary: unfit })
}

const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, Number.NaN, -0, 1e300, new Date(0), new Own(), new Map(), '\ud800', '"\n', [undefined]),
  fc.constant({ toJSON: () => 1 }),
)
const line = fc.record(
  { sku: mostly(fc.string({ maxLength: 3 }), anything), count: mostly(fc.nat(), anything) },
  { requiredKeys: ['sku'] },
)
const body = fc.record(
  {
    id: mostly(fc.integer(), anything),
    state: mostly(fc.constantFrom('open', 'paid'), anything),
    total: mostly(fc.double({ max: 99, noNaN: true, noDefaultInfinity: true }), anything),
    zip: mostly(fc.constantFrom('', '12345'), anything),
    paid: mostly(fc.boolean(), anything),
    note: mostly(fc.option(fc.string()), anything),
    lines: mostly(fc.array(mostly(line, anything), { maxLength: 2 }), fc.array(line, { minLength: 3 })),
    more: mostly(fc.dictionary(fc.constantFrom('a', '__proto__'), fc.integer()), anything),
    constructor: mostly(fc.string(), anything),
    other: anything,
  },
  { requiredKeys: ['id', 'state', 'paid', 'note', 'lines'] },
)

test('what the contract writes is what JSON says of the value, and ajv accepts it; what it does not write is judged by its text', () => {
  const check = compileResponseCheck(Answer, 'writes')
  const closed = {
    ...Body,
    additionalProperties: false,
    properties: { ...Body.properties, lines: Type.Array({ ...Line, additionalProperties: false }, { maxItems: 2 }) },
  }
  const isValid = new Ajv({ ownProperties: true }).compile(closed)
  const seen = { written: 0, judged: 0, refused: 0 }
  fc.assert(
    fc.property(mostly(body, anything), (value) => {
      const text = check.write(200, value)
      const json = JSON.stringify(value) as string | undefined
      const told: unknown = json === undefined ? undefined : JSON.parse(json)
      const isAccepted = check.accepts(200, told)
      seen[text !== undefined ? 'written' : isAccepted ? 'judged' : 'refused']++
      expect(isAccepted).toBe(isValid(told))
      expect(text === undefined || isAccepted).toBe(true)
      expect(JSON.parse(text ?? json ?? 'null')).toEqual(told ?? null)
    }),
    { numRuns: 3_000 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(5)
})

test('each part of a value is read once, so that what was judged is what is written', () => {
  let reads = 0
  const Small = endpoint('Small', { method: 'GET', path: '/', responses: { 200: { note: Type.String() } } })
  const restless = {
    get note() {
      return reads++ === 0 ? 'kept' : { broken: true }
    },
  }
  expect(compileResponseCheck(Small, 'writes').write(200, restless)).toBe('{"note":"kept"}')
})

test('text that a schema brings along is never code', () => {
  const names = ['"]; throw 1; //', "'", '\n', '\u2028', '${x}', '`', '\\', 'a"b']
  const Odd = endpoint('Odd', {
    method: 'GET',
    path: '/',
    responses: {
      200: Type.Object(
        Object.fromEntries(
          names.map((name) => [name, Type.String({ enum: names, title: name, pattern: '^[^"]*|.*$' })]),
        ),
      ),
    },
  })
  const value = Object.fromEntries(names.map((name) => [name, name]))
  expect(JSON.parse(compileResponseCheck(Odd, 'writes').write(200, value) ?? '')).toEqual(value)
})
