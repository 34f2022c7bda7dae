import { describe, expect, test } from 'vitest'
import { compileCheck, readSchema } from '../../../contracts/index.ts'

function check(root: object) {
  const { schema, findings } = readSchema(root)
  if (findings) throw new Error(JSON.stringify(findings))
  return compileCheck(schema)
}

/** Lists whose objects have lists of the same kind, of which all items must have been evaluated. */
function nested(evaluating: object) {
  const own = { properties: { a: { $ref: '#/$defs/list', unevaluatedItems: false } }, ...evaluating }
  return check({ $ref: '#/$defs/list', $defs: { list: own } })
}

describe('where ajv itself errs, a check', () => {
  test('sees an empty list after a good one under contains', () => {
    const lists = check({ items: { type: 'array', contains: { type: 'string' } } })
    expect(
      [
        [['a'], []],
        [[], ['a']],
        [['a'], ['a']],
      ].map(lists.accepts),
    ).toEqual([false, false, true])
    const fields = check({ additionalProperties: { type: 'array', contains: { type: 'string' } } })
    expect(fields.accepts({ a: ['a'], b: [] })).toBe(false)
  })

  test('counts the items that a reference to itself has evaluated, be it all or none', () => {
    const all = nested({ contains: { type: 'object' } })
    expect(all.accepts({ a: [{}, {}] })).toBe(true)
    expect(nested({}).accepts({ a: [{}, {}] })).toBe(false)
    expect(nested({}).accepts({ a: [] })).toBe(true)
  })

  test('sees that a field without a name is missing', () => {
    expect(check({ required: ['a', ''] }).accepts({ a: 1 })).toBe(false)
  })

  test('takes nullable beside a type, and passes over it elsewhere', () => {
    expect(check({ type: 'string', nullable: true }).accepts(null)).toBe(true)
    expect(check({ enum: ['a'], nullable: true }).accepts('a')).toBe(true)
    expect(check({ type: ['string', 'null'], nullable: false }).accepts(null)).toBe(true)
  })

  test('knows own members from those of every object', () => {
    expect(check({ required: ['toString'] }).accepts({})).toBe(false)
  })
})

describe('findings', () => {
  const union = { anyOf: [{ const: 'cats' }, { const: 'dogs' }] }

  test('tell a union of constants as one list', () => {
    expect(check({ properties: { option: union } }).findings({ option: 1 })).toMatchObject([
      { code: 'value.not-allowed', at: '/option', reader: { value: ['cats', 'dogs'] } },
    ])
  })

  test('tell of a union what the nearest alternative misses', () => {
    const far = { type: 'object', required: ['a', 'b', 'c'] }
    const near = { type: 'object', required: ['d'] }
    expect(check({ anyOf: [far, near] }).findings({})).toMatchObject([{ code: 'field.missing', at: '/d' }])
  })

  test('carry the contract, and nothing of the message', () => {
    const findings = check({ properties: { age: { maximum: 150 } } }).findings({ age: 4711 })
    expect(findings).toEqual([
      { code: 'number.out-of-bounds', at: '/age', reader: { pointer: '/properties/age/maximum', value: 150 } },
    ])
  })

  test('are no more than twenty', () => {
    expect(check({ items: { type: 'string' } }).findings(Array.from({ length: 50 }, () => 1))).toHaveLength(20)
  })
})
