import { type Consumer, type ConsumerOptions, consumer } from 'concordat/consumers'
import type { Message } from 'concordat/contracts'
import type { Redis } from 'ioredis'
import { VotesRead } from './votes-read.contract.ts'

type Vote = Message<typeof VotesRead>
export type Counts = Record<Vote['vote'], number>

/** The tally whose developer reads `vote`: it would count nothing, and its guard loses nothing. */
export function startTally(redis: Redis, options: Pick<ConsumerOptions<Vote>, 'onParked'> = {}): Consumer {
  const counts: Counts = { cats: 0, dogs: 0 }
  return consumer(redis, VotesRead, { group: 'tally', handle: (vote) => count(counts, vote), ...options })
}

/** Adds one vote. */
export function count(counts: Counts, { vote }: Vote): void {
  counts[vote] += 1
}
