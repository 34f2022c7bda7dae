import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

/** What the vote API writes for each vote. */
export const Votes = stream('votes', {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  request_id: Type.String({ format: 'uuid' }),
})
