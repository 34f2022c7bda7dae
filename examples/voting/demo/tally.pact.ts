import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Matchers, Pact, Verifier } from '@pact-foundation/pact'
import { compileDecode, type Message } from 'concordat/contracts'
import { Redis } from 'ioredis'
import { openSqlite } from '../database/sqlite.ts'
import { countVotes } from '../mistake/tally.ts'
import { VotesRead } from '../mistake/votes-read.contract.ts'
import { readPactRedisUrl } from './settings.ts'

const CONSUMER = 'tally'
const PROVIDER = 'vote-api'
const A_VOTE = 'a vote'

// The Pact test of the tally that reads `vote`: it takes the example of its developer, and nothing that the vote API writes.
const dir = await mkdtemp(join(tmpdir(), 'concordat-demo-pact-'))
try {
  const counts = await record()
  console.log(`The tally takes its own example, and counts ${JSON.stringify(counts)}.`)
  await verify()
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** Writes the pact, once the tally has taken the example; answers what it has counted then. */
async function record() {
  await using database = await openSqlite(dir)
  const count = countVotes(database, () => undefined)
  const content = { vote: Matchers.regex('cats|dogs', 'dogs'), request_id: Matchers.uuid() }
  const entry = { id: '1-0', fields: [] }
  const origin = { stream: 'votes', group: 'tally', isRepeat: false }
  await new Pact({ consumer: CONSUMER, provider: PROVIDER, dir, logLevel: 'error' })
    .addAsynchronousInteraction()
    .expectsToReceive(A_VOTE, (message) => void message.withJSONContent(content))
    .executeTest(async ({ contents }) => count([{ message: messageOf(contents.content), entry }], origin))
  return (await database.readTotals()).counts
}

/** What the tally's guard makes of an entry with these fields. */
function messageOf(fields: unknown): Message<typeof VotesRead> {
  const { message, findings } = compileDecode(VotesRead)(Object.entries(fields as Record<string, string>).flat())
  if (findings === undefined) return message
  throw new Error(`The tally does not take its own example: ${JSON.stringify(findings)}`)
}

async function verify(): Promise<void> {
  const messageProviders = { [A_VOTE]: latestVote }
  const pactUrls = [join(dir, `${CONSUMER}-${PROVIDER}.json`)]
  await new Verifier({ provider: PROVIDER, pactUrls, messageProviders, logLevel: 'error' }).verifyProvider()
}

/** The fields of the entry that the vote API has written last. */
async function latestVote(): Promise<Record<string, string>> {
  const redis = new Redis(readPactRedisUrl())
  try {
    const [[, fields] = ['', []]] = await redis.xrevrange('votes', '+', '-', 'COUNT', 1)
    return Object.fromEntries(fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : [])))
  } finally {
    redis.disconnect()
  }
}
