import { type Static, Type } from '@sinclair/typebox'
import { endpoint } from 'concordat/contracts'
import { Refused } from './refused.ts'

const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])

/** How the vote stands. */
export const Results = Type.Object({
  results: Type.Array(
    Type.Object({
      option: Option,
      count: Type.Integer({ minimum: 0 }),
      percentage: Type.Number({ minimum: 0, maximum: 100 }),
    }),
  ),
  total_votes: Type.Integer({ minimum: 0 }),
  last_updated: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
})
export type Results = Static<typeof Results>

export const GetResults = endpoint('GetResults', {
  method: 'GET',
  path: '/api/results',
  responses: { 200: Results, 429: Refused, 503: Refused },
})

/** Server-sent events: each has the results as its data, and an id that tells whether they have changed since. */
export const GetLiveResults = endpoint('GetLiveResults', {
  method: 'GET',
  path: '/api/results/live',
  request: { headers: { 'Last-Event-ID': Type.Optional(Type.String({ maxLength: 200 })) } },
  responses: { 200: null, 429: Refused, 503: Refused },
})
