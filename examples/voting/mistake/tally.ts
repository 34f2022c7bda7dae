import { type Consumer, consumer } from 'concordat/consumers'
import type { Message } from 'concordat/contracts'
import type { Redis } from 'ioredis'
import type { CountVotes, VotesDatabase } from '../database/votes-database.ts'
import { countVotes as countOptions, type TallyOptions, type VoteProcessed } from '../tally/tally.ts'
import { VotesRead } from './votes-read.contract.ts'

type Vote = Message<typeof VotesRead>

/** The tally whose developer reads `vote`: it would count nothing, and its guard loses nothing. */
export function startTally(redis: Redis, database: VotesDatabase, options: TallyOptions = {}): Consumer {
  const { onProcessed = () => undefined, ...others } = options
  const handleBatch = countVotes(database, onProcessed)
  return consumer(redis, VotesRead, { group: 'tally', ...others, handleBatch })
}

/** What it would do with a batch. */
export function countVotes(database: VotesDatabase, onProcessed: (processed: VoteProcessed) => void): CountVotes<Vote> {
  const count = countOptions(database, onProcessed)
  return (batch, origin) =>
    count(
      batch.map(({ message: { vote, request_id }, entry }) => ({ message: { option: vote, request_id }, entry })),
      origin,
    )
}
