import { afterAll, describe, expect, test } from 'vitest'
import { decide, type Policy, readSchema, type Verdict } from '../../../contracts/index.ts'
import { asDeclared } from '../../../contracts/schema/as-declared.ts'
import type { JsonSchema } from '../../../contracts/schema/keywords.ts'
import { combinations, histories, pairs, schemas } from '../../support/generated-schemas.ts'
import { fc } from '../../support/property.ts'
import { REWRITES } from '../../support/rewritten-schema.ts'

/** The suite's share of schemas for each law; DECIDE_RUNS=200000 asks for the long form, which also tells rates. */
const asked = process.env.DECIDE_RUNS
const numRuns = Number(asked ?? 2_000) / 10
const timeout = 30_000 + numRuns * 100

type Answer = Verdict['answer']
const rates = new Map<string, Map<string, number>>()

/** Containments that are there by law: the answer may be unknown, but never no. */
const LAWS: readonly [string, fc.Arbitrary<[JsonSchema, JsonSchema]>, Policy][] = [
  ['a schema fits itself', schemas.map((schema) => [schema, schema]), 'strict'],
  ['a schema fits itself when closed as declared', schemas.map((schema) => [schema, schema]), 'as-declared'],
  ['a schema closed as declared fits the schema', schemas.map((schema) => [closed(schema), schema]), 'strict'],
  ['a schema fits a choice of which it is one', combinations.map(({ one, either }) => [one, either]), 'strict'],
  ['a schema with a further demand fits the schema', combinations.map(({ one, both }) => [both, one]), 'strict'],
  ['two demands together fit a choice of the two', combinations.map(({ both, either }) => [both, either]), 'strict'],
]

describe('the laws of containment', () => {
  test.each(LAWS)('%s', { timeout }, (law, questions, policy) => {
    const property = fc.property(questions, ([writer, reader]) => {
      const verdict = decide(writer, reader, { policy })
      count(law, `${verdict.answer} ${verdict.reason ?? ''}`)
      expect(verdict.answer).not.toBe('incompatible')
    })
    fc.assert(property, { numRuns })
  })

  test('what fits the second of three versions, which fits the third, fits the third', { timeout }, () => {
    const property = fc.property(histories, ([first, second, third]) => {
      expect(answerAcross(first, second, third)).not.toBe('incompatible')
    })
    fc.assert(property, { numRuns })
  })
})

describe.each(Object.entries(REWRITES))('an answer does not depend on %s', (name, rewrite) => {
  test.each(['writer', 'reader'] as const)('of the %s', { timeout }, (side) => {
    const property = fc.property(pairs, ({ writer, reader }) => {
      const before = answer(writer, reader)
      const after = side === 'writer' ? answer(rewrite(writer), reader) : answer(writer, rewrite(reader))
      count(`${name} of the ${side}`, `${before}, then ${after}`)
      expect([before, 'unknown']).toContain(before === 'unknown' ? 'unknown' : after)
    })
    fc.assert(property, { numRuns })
  })
})

afterAll(() => {
  for (const [law, counts] of asked === undefined ? [] : rates) process.stdout.write(`${law}: ${told(counts)}\n`)
})

function answer(writer: JsonSchema, reader: JsonSchema): Answer {
  return decide(writer, reader, { policy: 'strict' }).answer
}

function answerAcross(first: JsonSchema, second: JsonSchema, third: JsonSchema): Answer | 'not asked' {
  const isChain = answer(first, second) === 'compatible' && answer(second, third) === 'compatible'
  return isChain ? answer(first, third) : 'not asked'
}

function closed(schema: JsonSchema): JsonSchema {
  const { schema: read } = readSchema(schema)
  return read === undefined ? schema : asDeclared(read).root
}

function count(law: string, what: string): void {
  const counts = rates.get(law) ?? new Map<string, number>()
  rates.set(law, counts.set(what, (counts.get(what) ?? 0) + 1))
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, times]) => `${what.trim()} ${times}`).join(', ')
}
