import { type Static, Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'

const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])
const VoteRequest = Type.Object({ option: Option })
const VoteAccepted = Type.Object({ message: Type.String(), option: Option, stream_id: Type.String() })
const VoteRefused = Type.Object({
  message: Type.String(),
  findings: Type.Array(Type.Object({ code: Type.String(), at: Type.String(), explanation: Type.String() })),
})
/** Redis did not confirm: whether the vote counts is unknown. */
const VoteUndecided = Type.Object({ message: Type.String() })

export type VoteRequest = Static<typeof VoteRequest>
export type VoteAccepted = Static<typeof VoteAccepted>
export type VoteRefused = Static<typeof VoteRefused>
export type VoteUndecided = Static<typeof VoteUndecided>

export const PostVote = endpoint('PostVote', {
  method: 'POST',
  path: '/api/vote',
  request: { body: VoteRequest },
  responses: { 201: VoteAccepted, 400: VoteRefused, 503: VoteUndecided },
})
