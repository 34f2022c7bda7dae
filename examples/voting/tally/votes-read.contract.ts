import { Type } from '@sinclair/typebox'
import { reads } from 'concordat/contracts'
import { votesWritten } from './votes.written.ts'

/** The tally needs the option, and the request, by which it knows a vote that was sent again. */
export const VotesRead = reads(votesWritten, {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  request_id: Type.String({ format: 'uuid' }),
})
