import { Type } from '@sinclair/typebox'
import { reads } from 'concordat/contracts'
import { votesWritten } from './votes.written.ts'

/** The tally needs the option and nothing else. */
export const VotesRead = reads(votesWritten, {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
})
