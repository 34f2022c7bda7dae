import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

export const Votes = stream('votes', {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  timestamp: Type.Integer(),
  request_id: Type.String({ format: 'uuid' }),
})
