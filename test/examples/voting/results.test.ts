import { expect, test } from 'vitest'
import { resultsOf } from '../../../examples/voting/vote-api/results.ts'

test.each([
  [0, 0, [0, 0]],
  [1, 0, [100, 0]],
  [1, 2, [33.3, 66.7]],
  [247, 1753, [12.4, 87.6]],
  [1, 1999, [0.1, 99.9]],
  [1999, 1, [99.9, 0.1]],
])('%i cats and %i dogs are percentages that add up', (cats, dogs, percentages) => {
  const { results } = resultsOf({ counts: { cats, dogs }, lastUpdated: undefined })
  expect(results.map(({ percentage }) => percentage)).toEqual(percentages)
})
