import { Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'

export const CastVote = endpoint('CastVote', {
  provider: 'vote-api',
  method: 'POST',
  path: '/polls/{poll}/votes',
  request: {
    path: { poll: Type.Integer({ minimum: 1 }) },
    query: { tag: Type.Optional(Type.Array(Type.String())) },
    body: { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]) },
  },
  responses: {
    201: { id: Type.Integer() },
    409: { why: Type.String() },
  },
})
