import { expect, test } from 'vitest'
import { compileMatch } from '../../../contracts/http/match.ts'
import { fc } from '../../support/property.ts'

const piece = fc.string({ unit: fc.constantFrom('a', '-', '.', 'é', '😀'), maxLength: 2 })
const text = fc.string({ unit: fc.constantFrom('a', '-', '.', 'é', '😀'), maxLength: 12 })

test('a segment is matched as a greedy pattern matches it', () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), text, (literals, written) => {
      const path = literals.reduce((before, literal, i) => `${before}{p${i}}${literal}`)
      const pattern = literals
        .map((literal) => literal.replaceAll('.', String.raw`\.`))
        .reduce((before, literal, i) => `${before}(?<p${i}>.+)${literal}`)
      const found = new RegExp(`^${pattern}$`, 'su').exec(written)
      expect(compileMatch(`/${path}`)(`/${written}`)?.path).toEqual(found ? { ...found.groups } : undefined)
    }),
    { numRuns: 2_000 },
  )
})

test('a segment with many parameters that almost matches takes no time', () => {
  const started = performance.now()
  expect(compileMatch('/{a}-{b}-{c}-{d}.json')(`/${'-'.repeat(16_000)}`)).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(200)
})
