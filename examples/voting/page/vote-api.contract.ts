import { Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'

const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])

/** The page shows the option that was counted; the rest of the answer it does not look at. */
export const VoteCounted = Type.Object({ option: Option })

export const CastVote = endpoint('CastVote', {
  provider: 'vote-api',
  method: 'POST',
  path: '/api/vote',
  request: { body: { option: Option } },
  responses: { 201: VoteCounted },
})
