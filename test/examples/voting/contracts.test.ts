import { decide } from 'concordat/contracts'
import { expect, test } from 'vitest'
import { VotesRead } from '../../../examples/voting/tally/votes-read.contract.ts'
import { PostVote } from '../../../examples/voting/vote-api/post-vote.contract.ts'
import { GetLiveResults } from '../../../examples/voting/vote-api/results.contract.ts'
import { Votes } from '../../../examples/voting/vote-api/votes.contract.ts'
import { CastVote, ListenToResults } from '../../../examples/voting/web/vote-api.contract.ts'

test('the tally can read all that the vote API writes', () => {
  const { answer } = decide(Votes.schema.root, VotesRead.schema.root, { policy: 'as-declared', encoding: 'fields' })
  expect(answer).toBe('compatible')
})

test.each([
  [CastVote, PostVote],
  [ListenToResults, GetLiveResults],
])('the page asks as the vote API is served, and reads all its answers: $0.path', (calls, serves) => {
  const [request, ...responses] = [
    decide(calls.request.root, serves.request.root, { policy: 'as-declared' }),
    ...Object.keys(serves.responses).map((status) =>
      decide(serves.responses[status]?.root ?? true, calls.responses[status]?.root ?? false, { policy: 'as-declared' }),
    ),
  ]
  expect([calls.method, calls.path]).toEqual([serves.method, serves.path])
  expect(request?.answer).toBe('compatible')
  expect(responses.map(({ answer }) => answer)).toEqual(responses.map(() => 'compatible'))
})
