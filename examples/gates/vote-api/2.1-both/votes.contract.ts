import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

const Choice = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])

/** The fix: both names, until nobody reads the old one any more. */
export const Votes = stream('votes', {
  option: Choice,
  vote: Choice,
  request_id: Type.String({ format: 'uuid' }),
})
