import { describe, expect, test } from 'vitest'
import { decide } from '../../../contracts/index.ts'
import { pairs } from '../../support/generated-schemas.ts'
import { fc } from '../../support/property.ts'
import { decideAndRefute } from '../../support/refutations.ts'

/** The suite's share of pairs; DECIDE_RUNS=200000 asks for the long form, with more messages for each. */
const asked = process.env.DECIDE_RUNS
const numRuns = Number(asked ?? 500)
const messages = asked === undefined ? 120 : 500
const seeds = fc.noShrink(fc.nat())
const timeout = 30_000 + numRuns * 100

describe.each(['strict', 'as-declared'] as const)('a verdict under the policy %s', (policy) => {
  test('is refuted by no judge and by no message', { timeout }, async () => {
    const property = fc.asyncProperty(pairs, seeds, async ({ writer, reader }, seed) => {
      expect(await decideAndRefute({ writer, reader, policy, seed, messages })).toEqual([])
    })
    await fc.assert(property, { numRuns })
  })

  test('is the same each time it is asked for', { timeout }, () => {
    const property = fc.property(pairs, ({ writer, reader }) => {
      expect(decide(writer, reader, { policy })).toEqual(decide(writer, reader, { policy }))
    })
    fc.assert(property, { numRuns: numRuns / 4 })
  })
})
