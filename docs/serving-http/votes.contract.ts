import { Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'

const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])

export const PostVote = endpoint('PostVote', {
  method: 'POST',
  path: '/polls/{poll}/votes',
  request: { path: { poll: Type.String() }, body: { option: Option } },
  responses: { 201: { id: Type.Integer(), option: Option }, 404: { message: Type.String() } },
})

export const FindVotes = endpoint('FindVotes', {
  method: 'GET',
  path: '/polls/{poll}/votes',
  request: {
    path: { poll: Type.String() },
    query: { option: Type.Optional(Type.Array(Option)), limit: Type.Optional(Type.Integer({ maximum: 100 })) },
  },
  responses: { 200: Type.Array(Option), 204: null },
})
