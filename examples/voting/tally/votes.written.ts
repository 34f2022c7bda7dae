import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

/** What the vote API writes: a copy, since the tally lives in a repository of its own. */
export const votesWritten = stream('votes', {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  timestamp: Type.Integer(),
  request_id: Type.String({ format: 'uuid' }),
})
