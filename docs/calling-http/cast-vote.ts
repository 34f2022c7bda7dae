import { type HttpClient, httpClient } from 'concordat/consumers'
import { explain } from 'concordat/contracts'
import { CastVote } from './cast-vote.contract.ts'

/** Makes the client of the vote API: one for the whole process, so that its breaker hears of every call. */
export function createVoteApi(baseUrl: string, token: string): HttpClient {
  return httpClient({
    baseUrl,
    headers: { authorization: `Bearer ${token}` },
    timeoutMs: 3_000,
    onFinding: ({ contract, side, findings }) => console.error(contract, side, findings.map(explain)),
  })
}

/** Votes. With the same key it can be called again after any failure, and counts once. */
export async function castVote(
  voteApi: HttpClient,
  poll: number,
  option: 'cats' | 'dogs',
  key: string,
): Promise<string> {
  const answer = await voteApi.call(
    CastVote,
    { path: { poll }, query: { tag: ['pets'] }, body: { option } },
    { idempotencyKey: key, signal: AbortSignal.timeout(5_000) },
  )
  return answer.status === 201 ? `Vote ${answer.body.id} counts.` : `It does not count: ${answer.body.why}`
}
