import { Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'

const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])

/** The page shows the option that was counted; the rest of the answer it does not look at. */
export const CastVote = endpoint('CastVote', {
  provider: 'vote-api',
  method: 'POST',
  path: '/api/vote',
  request: { headers: { 'Idempotency-Key': Type.String({ pattern: '^[ -~]{1,200}$' }) }, body: { option: Option } },
  responses: { 201: { option: Option }, 422: {}, 429: {}, 503: {} },
})

/** It listens to the results; a browser that comes back says by itself what it has heard. */
export const ListenToResults = endpoint('ListenToResults', {
  provider: 'vote-api',
  method: 'GET',
  path: '/api/results/live',
  request: { headers: { 'Last-Event-ID': Type.Optional(Type.String({ maxLength: 200 })) } },
  responses: { 200: null, 429: {}, 503: {} },
})
