import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

/** The mistake: `option` is called `vote`, as if nobody read it under its old name. */
export const Votes = stream('votes', {
  vote: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  request_id: Type.String({ format: 'uuid' }),
})
