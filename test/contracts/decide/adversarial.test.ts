import { expect, test } from 'vitest'
import { decide, type Verdict } from '../../../contracts/index.ts'
import type { JsonSchema } from '../../../contracts/schema/keywords.ts'
import {
  circle,
  doubling,
  nested,
  object,
  satisfiability,
  taggedUnion,
  text,
  untaggedUnion,
  wide,
} from '../../support/hostile-schemas.ts'

/** Far more than any of these takes, reading and ajv included: it tells an answer from a hang, on a busy machine too. */
const MOST_MS = 3_000

type Answers = readonly Verdict['answer'][]
const YES: Answers = ['compatible']
const NO: Answers = ['incompatible']
/** What is true, and that it may be out of reach. */
const YES_OR_UNKNOWN: Answers = ['compatible', 'unknown']
const NO_OR_UNKNOWN: Answers = ['incompatible', 'unknown']

const INTEGER = { type: 'integer' }
const NUMBER = { type: 'number' }
const letters = (count: number) => Array.from({ length: count }, (_, i) => `value-${i}`)
const list = (items: JsonSchema, minItems: number) => ({ type: 'array', uniqueItems: true, items, minItems })
const { writer: satisfiable } = satisfiability(15, 45, 1)
const { writer: unsatisfiable } = satisfiability(15, 120, 1)
/** By way of JSON text, where a name is just a name. */
const withProto: unknown = JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')

test.each<[string, Answers, () => readonly [unknown, unknown]]>([
  ['a tagged union gets a 51st branch', YES, () => [taggedUnion(50), taggedUnion(51)]],
  ['a tagged union loses its 51st branch', NO, () => [taggedUnion(51), taggedUnion(50)]],
  ['nested unions without tags get a branch', YES_OR_UNKNOWN, () => [untaggedUnion(4, 2), untaggedUnion(5, 2)]],
  ['nested unions without tags lose a branch', NO_OR_UNKNOWN, () => [untaggedUnion(5, 2), untaggedUnion(4, 2)]],
  ['logic of 15 variables with a solution', NO_OR_UNKNOWN, () => [satisfiable, false]],
  ['logic of 15 variables without one', YES_OR_UNKNOWN, () => [unsatisfiable, false]],
  [
    'a pattern whose automaton has 2^15 states',
    NO_OR_UNKNOWN,
    () => [text('^(a|b)*a(a|b){14}$'), text('^(a|b)*b(a|b){14}$')],
  ],
  ['such a pattern against all words', YES_OR_UNKNOWN, () => [text('^(a|b)*a(a|b){14}$'), text('^[ab]+$')]],
  ['a pattern that backtracks for ever', NO_OR_UNKNOWN, () => [text('^(a+)+$'), text('^(a|aa)+b$')]],
  ['a circle of references with wider values', YES, () => [circle(20, INTEGER), circle(21, NUMBER)]],
  ['a circle of references with narrower values', NO, () => [circle(20, NUMBER), circle(21, INTEGER)]],
  ['objects 100 levels deep, wider at the bottom', YES_OR_UNKNOWN, () => [nested(100, INTEGER), nested(100, NUMBER)]],
  ['objects 200 levels deep, narrower', NO_OR_UNKNOWN, () => [nested(200, NUMBER), nested(200, INTEGER)]],
  ['9,900 fields with wider values', YES_OR_UNKNOWN, () => [wide(99, 99, () => INTEGER), wide(99, 99, () => NUMBER)]],
  [
    '9,900 fields, one of them narrower',
    NO_OR_UNKNOWN,
    () => [wide(99, 99, () => NUMBER), wide(99, 99, (i) => (i === 5_000 ? INTEGER : NUMBER))],
  ],
  ['a choice doubled 22 times', YES_OR_UNKNOWN, () => [doubling(22, INTEGER), doubling(22, NUMBER)]],
  ['a choice doubled 22 times, narrower', NO_OR_UNKNOWN, () => [doubling(22, NUMBER), doubling(22, INTEGER)]],
  ['10,000 listed values', YES, () => [{ enum: letters(9_999) }, { enum: letters(10_000) }]],
  ['10,000 listed values, one gone', NO, () => [{ enum: letters(10_000) }, { enum: letters(9_999) }]],
  ['2,000 fields', YES_OR_UNKNOWN, () => [wide(1, 2_000, () => INTEGER), wide(1, 2_000, () => NUMBER)]],
  [
    'a unique list longer than its values are many',
    YES_OR_UNKNOWN,
    () => [list({ type: 'integer', minimum: 1, maximum: 1_000 }, 1_001), false],
  ],
  [
    'a unique list as long as its values are many',
    NO_OR_UNKNOWN,
    () => [list({ type: 'integer', minimum: 1, maximum: 1_000 }, 1_000), false],
  ],
  ['unique lists of many listed values', YES_OR_UNKNOWN, () => [list({ enum: letters(500) }, 501), { maxItems: 3 }]],
  [
    'bounds beyond 2^53',
    NO_OR_UNKNOWN,
    () => [
      { ...INTEGER, maximum: 2 ** 60 },
      { ...INTEGER, maximum: 2 ** 59 },
    ],
  ],
  [
    'a number beyond 2^53 that looks like its neighbour',
    YES_OR_UNKNOWN,
    () => [{ const: 9007199254740992 }, { const: 9007199254740992 }],
  ],
  [
    'the bounds of int64 on both sides',
    YES,
    () => [
      object({ n: { ...INTEGER, minimum: -(2 ** 63), maximum: 2 ** 63 } }),
      object({ n: { ...INTEGER, minimum: -(2 ** 63), maximum: 2 ** 63 } }, []),
    ],
  ],
  ['a field __proto__', YES_OR_UNKNOWN, () => [withProto, withProto]],
  ['a field toString that is not there', NO, () => [{ type: 'object' }, { required: ['toString'] }]],
  ['a field toString that is there', YES, () => [object({ toString: NUMBER }), { required: ['toString'] }]],
  [
    'fields like members of every object',
    NO,
    () => [object({ constructor: NUMBER }), object({ constructor: INTEGER })],
  ],
  ['fields that look like keywords', YES, () => [object({ $ref: INTEGER, enum: INTEGER }), object({ $ref: NUMBER })]],
  ['a circle that consumes nothing', ['unknown'], () => [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#' } } }, {}]],
])('%s is %s, in time', (_, answers, make) => {
  const [writer, reader] = make() as readonly [JsonSchema, JsonSchema]
  const start = performance.now()
  const verdict = decide(writer, reader, { policy: 'strict' })
  const ms = performance.now() - start
  // no judge here: for some of these, ajv itself would take minutes
  expect(answers).toContain(verdict.answer)
  expect(ms).toBeLessThan(MOST_MS)
})
