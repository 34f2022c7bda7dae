import { Type } from '@sinclair/typebox'
import { reads } from 'concordat/contracts'
import { votesWritten } from '../tally/votes.written.ts'

/** The mistake of the story: nobody writes `vote`. The compiler says so, and somebody in a hurry has silenced it. */
export const VotesRead = reads(votesWritten, {
  // @ts-expect-error vote is never written
  vote: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  request_id: Type.String({ format: 'uuid' }),
})
