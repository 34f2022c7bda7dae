import { Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'
import { Refused } from './refused.ts'

const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])

/** Takes a vote. Who sends it again under one Idempotency-Key, as after a 503, has voted once; another one needs another key. */
export const PostVote = endpoint('PostVote', {
  method: 'POST',
  path: '/api/vote',
  request: {
    headers: { 'Idempotency-Key': Type.Optional(Type.String({ pattern: '^[ -~]{1,200}$' })) },
    body: { option: Option },
  },
  responses: {
    201: { message: Type.String(), option: Option, stream_id: Type.String() },
    422: Refused,
    429: Refused,
    503: Refused,
  },
})
