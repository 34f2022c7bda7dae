import type { Delivery, Origin } from 'concordat/consumers'

/** What is counted: a vote for an option, which comes again under the same request when somebody sends it again. */
export type CountedVote = { readonly option: string; readonly request_id: string }

/** How many votes each option has; options without any are left out. */
export type Totals = {
  readonly counts: { readonly [option: string]: number }
  /** When the last vote was counted. */
  readonly lastUpdated: Date | undefined
}

/** Counts a batch as a consumer's `handleBatch`: all of it, or nothing when it rejects. */
export type CountVotes<Vote = CountedVote> = (batch: readonly Delivery<Vote>[], from: Origin) => Promise<void>

/** Where the votes are counted. Several processes may have it open. */
export type VotesDatabase = AsyncDisposable & {
  readonly readTotals: () => Promise<Totals>
  /**
   * Makes the `handleBatch` of a consumer that counts each request once, however often it comes and under however many
   * entries. `onCounting` is told, within the transaction, of each entry that counts when it is committed.
   */
  readonly countVotes: (onCounting?: (entryId: string) => void) => CountVotes
}

/** How one and the same request is known, however its writer spells it. */
export function requestOf({ request_id }: CountedVote): string {
  return request_id.toLowerCase()
}
