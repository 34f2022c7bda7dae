import { Type } from '@sinclair/typebox'
import { endpoint, stream } from 'concordat/contracts'

export const Votes = stream('votes', {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  request_id: Type.String({ format: 'uuid' }),
})

export const PostVote = endpoint('PostVote', {
  method: 'POST',
  path: '/api/vote',
  request: { body: { option: Type.String() } },
  responses: { 201: { message: Type.String() } },
})
