import { Matchers } from '@pact-foundation/pact'
import { compileDecode, type Message, type StreamContract } from 'concordat/contracts'
import { expect, test } from 'vitest'
import { openSqlite } from '../../examples/voting/database/sqlite.ts'
import * as mistaken from '../../examples/voting/mistake/tally.ts'
import { VotesRead as MistakenVotesRead } from '../../examples/voting/mistake/votes-read.contract.ts'
import * as tally from '../../examples/voting/tally/tally.ts'
import { VotesRead } from '../../examples/voting/tally/votes-read.contract.ts'
import { recordMessage, verifyPact } from '../support/pact.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { fieldsWritten, postVote, startVoteApi, type VoteApi } from '../support/vote-api.ts'

const description = 'a vote'
const parties = { consumer: 'tally', provider: 'vote-api', description }
const anyOption = Matchers.regex('cats|dogs', 'dogs')
const request_id = Matchers.uuid()

test('the pact of a tally that reads `vote` does not hold against what the vote API writes, and says why', async () => {
  await using api = await startVoteApi()
  await using database = await openSqlite(await temporaryFolder())
  const count = mistaken.countVotes(database, () => undefined)
  const pact = await recordMessage(parties, { vote: anyOption, request_id }, (example) =>
    count([{ message: decode(MistakenVotesRead, example), entry }], origin),
  )

  const { holds, report } = await verifyPact({ ...pact, messages: { [description]: await castVote(api) } })

  expect((await database.readTotals()).counts).toEqual({ dogs: 1 })
  expect(holds).toBe(false)
  expect(report).toContain('Actual map is missing the following keys: vote')
  expect(report).toMatch(/-\s.*\s+"vote": "dogs"\n\s*\+\s+"option": "cats"/)
})

test('the pact of a tally that reads `option` holds', async () => {
  await using api = await startVoteApi()
  await using database = await openSqlite(await temporaryFolder())
  const count = tally.countVotes(database, () => undefined)
  const pact = await recordMessage(parties, { option: anyOption, request_id }, (example) =>
    count([{ message: decode(VotesRead, example), entry }], origin),
  )

  const { holds, report } = await verifyPact({ ...pact, messages: { [description]: await castVote(api) } })

  expect((await database.readTotals()).counts).toEqual({ dogs: 1 })
  expect(report).toContain('has a matching body (OK)')
  expect(holds).toBe(true)
})

const entry = { id: '1-0', fields: [] }
const origin = { stream: 'votes', group: 'tally', isRepeat: false }

/** The message that the tally's guard makes of an entry with these fields. */
function decode<C extends StreamContract>(contract: C, fields: Readonly<Record<string, string>>): Message<C> {
  const { message, findings } = compileDecode(contract)(Object.entries(fields).flat())
  expect(findings).toBeUndefined()
  return message as Message<C>
}

/** Casts a vote through the API; answers the fields of the entry that it left in the stream. */
async function castVote(api: VoteApi): Promise<Record<string, string>> {
  await postVote(api, { option: 'cats' })
  const [fields] = await fieldsWritten(api.redis, 'votes')
  return fields ?? {}
}
