import type { Totals } from '../database/votes-database.ts'
import type { Results } from './results.contract.ts'

const OPTIONS = ['cats', 'dogs'] as const

/** The results of what was counted: all options, also those that nobody voted for. */
export function resultsOf({ counts, lastUpdated }: Totals): Results {
  const countOf = (option: string) => counts[option] ?? 0
  const total_votes = sumOf(OPTIONS.map(countOf))
  const tenthsOf = (option: string) => (total_votes === 0 ? 0 : Math.round((1000 * countOf(option)) / total_votes))
  // Rounded, they need not add up: the leader has what the others leave.
  const [leader] = OPTIONS.toSorted((one, other) => countOf(other) - countOf(one))
  const left = total_votes === 0 ? 0 : 1000 - sumOf(OPTIONS.map(tenthsOf))
  const results = OPTIONS.map((option) => {
    const tenths = tenthsOf(option) + (option === leader ? left : 0)
    return { option, count: countOf(option), percentage: tenths / 10 }
  })
  return { results, total_votes, last_updated: lastUpdated?.toISOString() ?? null }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

/** Tells results apart: those of one revision are the same. */
export function revisionOf({ results }: Results): string {
  return results.map(({ count }) => count).join('-')
}
