import type { Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { CastVote, VoteCounted } from './vote-api.contract.ts'

export type Option = Static<typeof VoteCounted>['option']

/** What the page does when somebody votes; returns the option that was counted. */
export async function castVote(api: string, option: Option): Promise<Option> {
  const response = await fetch(new URL(CastVote.path, api), {
    method: CastVote.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ option }),
  })
  const answer: unknown = await response.json()
  if (Value.Check(VoteCounted, answer)) return answer.option
  throw new Error(`The vote was not counted: the vote API answered ${response.status}.`)
}
