import { type Consumer, type ConsumerOptions, consumer } from 'concordat/consumers'
import type { Message } from 'concordat/contracts'
import type { Redis } from 'ioredis'
import type { CountVotes, VotesDatabase } from '../database/votes-database.ts'
import { VotesRead } from './votes-read.contract.ts'

export type Vote = Message<typeof VotesRead>

/** What is told of a vote once it is counted, or known to have been counted before. */
export type VoteProcessed = {
  readonly event: 'vote_processed'
  readonly stream_id: string
  readonly request_id: string
  readonly option: Vote['option']
  /** False where the same request had been counted already. */
  readonly counted: boolean
  readonly processing_time_ms: number
}

type Batches = Extract<ConsumerOptions<Vote>, { readonly handle?: never }>

export type TallyOptions = Partial<Omit<Batches, 'handle' | 'handleBatch' | 'keyOf'>> & {
  readonly onProcessed?: (processed: VoteProcessed) => void
}

/** Counts the votes of the stream in a database, each request once. Starts at once. */
export function startTally(redis: Redis, database: VotesDatabase, options: TallyOptions = {}): Consumer {
  const { onProcessed = () => undefined, ...others } = options
  const handleBatch = countVotes(database, onProcessed)
  return consumer(redis, VotesRead, { group: 'tally', ...others, handleBatch })
}

/** What the tally does with a batch: counts it, and tells of each vote in it. */
export function countVotes(database: VotesDatabase, onProcessed: (processed: VoteProcessed) => void): CountVotes<Vote> {
  const counting = new Set<string>()
  const count = database.countVotes((id) => counting.add(id))
  return async (batch, origin) => {
    const begun = performance.now()
    await count(batch, origin)
    const processing_time_ms = Math.round(1000 * (performance.now() - begun)) / 1000
    for (const { message, entry } of batch) {
      const counted = counting.delete(entry.id)
      onProcessed({ event: 'vote_processed', stream_id: entry.id, ...message, counted, processing_time_ms })
    }
  }
}
