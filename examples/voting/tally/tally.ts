import { type ConsumerOptions, consumer } from 'concordat/consumers'
import type { Message } from 'concordat/contracts'
import type { Redis } from 'ioredis'
import { VotesRead } from './votes-read.contract.ts'

type Vote = Message<typeof VotesRead>
export type Counts = Record<Vote['option'], number>
export type Tally = AsyncDisposable & { readonly counts: Readonly<Counts> }
export type TallyOptions = Partial<Pick<ConsumerOptions<Vote>, 'group' | 'onParked' | 'onError'>> & {
  readonly onCounted?: (counts: Readonly<Counts>) => void
}

/** Counts votes in memory, beginning at the first one that its group has not read yet. Starts at once. */
export function startTally(redis: Redis, { group = 'tally', onCounted, ...hooks }: TallyOptions = {}): Tally {
  const counts: Counts = { cats: 0, dogs: 0 }
  const handle = (vote: Vote): void => {
    count(counts, vote)
    onCounted?.(counts)
  }
  const votes = consumer(redis, VotesRead, { group, handle, ...hooks })
  return { counts, [Symbol.asyncDispose]: votes.close }
}

/** Adds one vote. */
export function count(counts: Counts, { option }: Vote): void {
  counts[option] += 1
}
