import { Matchers } from '@pact-foundation/pact'
import { expect, test } from 'vitest'
import { castVote } from '../../examples/voting/web/page/cast-vote.js'
import { recordCall, verifyPact } from '../support/pact.ts'
import { fieldsWritten, startVoteApi } from '../support/vote-api.ts'

const parties = { consumer: 'web', provider: 'vote-api', description: 'a vote for dogs' }
const request = { method: 'POST', path: '/api/vote', body: { option: 'dogs' } }
const anyOption = Matchers.regex('cats|dogs', 'dogs')

test('the pact of a page that expects `vote` in the answer does not hold against the vote API, and says why', async () => {
  await using api = await startVoteApi()
  const response = { status: 201, body: { vote: anyOption } }
  const pact = await recordCall(parties, { request, response }, async (url) => {
    expect(await (await postOption(url)).json()).toEqual({ vote: 'dogs' })
  })

  const { holds, report } = await verifyPact({ ...pact, url: api.url })

  expect(holds).toBe(false)
  expect(report).toContain('Actual map is missing the following keys: vote')
})

test('the pact of the page, which expects `option`, holds', async () => {
  await using api = await startVoteApi()
  const response = { status: 201, body: { option: anyOption } }
  const pact = await recordCall(parties, { request, response }, async (url) => {
    expect(await castVote(url, 'dogs', 'one-press')).toBe('dogs')
  })

  const { holds, report } = await verifyPact({ ...pact, url: api.url })

  expect(report).toContain('has a matching body (OK)')
  expect(holds).toBe(true)
  expect(await fieldsWritten(api.redis, 'votes')).toEqual([expect.objectContaining({ option: 'dogs' })])
})

/** What a page would do whose developer reads `vote`. */
function postOption(url: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${url}/api/vote`, { method: 'POST', headers, body: JSON.stringify({ option: 'dogs' }) })
}
