import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRegistryClient, type RegistryClient } from 'concordat/registry'
import { describe, expect, test } from 'vitest'
import { startTally as startMistakenTally } from '../../examples/voting/mistake/tally.ts'
import { VotesRead as MistakenVotesRead } from '../../examples/voting/mistake/votes-read.contract.ts'
import { startTally } from '../../examples/voting/tally/tally.ts'
import { votesWritten } from '../../examples/voting/tally/votes.written.ts'
import { VotesRead } from '../../examples/voting/tally/votes-read.contract.ts'
import { Votes } from '../../examples/voting/vote-api/votes.contract.ts'
import { type Outcome, outcomeOf } from '../support/outcome.ts'
import { startServer } from '../support/server-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { fieldsWritten, postVote, startVoteApi } from '../support/vote-api.ts'
import { waitFor } from '../support/wait-for.ts'

const cli = join(import.meta.dirname, '../../cli/main.ts')

describe('before the deployment', () => {
  test('`check` refuses the tally that reads `vote`, shows a vote that would be lost, and knows the likely cause', async () => {
    await using registry = await startRegistry()
    const client = createRegistryClient(registry.url)
    await client.register('votes.written', Votes.schema.root)
    await client.register('votes.read', MistakenVotesRead.schema.root)

    const { code, stdout } = await check(client, 'votes.written', 'votes.read')

    expect(code).toBe(3)
    expect(stdout).toContain('incompatible')
    expect(stdout).toContain('/vote is required by the reader and never written')
    expect(stdout).toContain('The writer writes `option`, which takes the same values: renamed?')
    expect(stdout).toMatch(/message +\{"option":"cats"/)
  })

  test('`check` passes the tally that reads `option`', async () => {
    await using registry = await startRegistry()
    const client = createRegistryClient(registry.url)
    await client.register('votes.written', Votes.schema.root)
    await client.register('votes.read', VotesRead.schema.root)

    const { code, stdout } = await check(client, 'votes.written', 'votes.read')

    expect(stdout).toMatch(/^compatible/)
    expect(code).toBe(0)
  })

  test('the tally’s copy of what is written is what the vote API writes', () => {
    expect(votesWritten.schema.fingerprint).toBe(Votes.schema.fingerprint)
  })
})

describe('forced live', () => {
  test('the tally that reads `vote` parks every vote whole, and a mended tally still reads them all', async () => {
    await using api = await startVoteApi()
    await using mistaken = startMistakenTally(api.redis, api.database)

    const answers = []
    for (const option of ['dogs', 'cats', 'dogs']) answers.push(await postVote(api, { option }))
    const dead = await waitFor('three dead letters', async () => {
      const letters = await fieldsWritten(api.redis, '{votes}:dead:tally')
      return letters.length === 3 && letters
    })
    await mistaken.close()
    await using _mended = startTally(api.redis, api.database, { group: 'tally-mended' })
    const counts = await waitFor('three counted votes', async () => {
      const { cats = 0, dogs = 0 } = (await api.database.readTotals()).counts
      return cats + dogs === 3 && { cats, dogs }
    })

    const written = await fieldsWritten(api.redis, 'votes')
    const ids = (await api.redis.xrange('votes', '-', '+')).map(([id]) => id)
    expect(written.map(({ option }) => option)).toEqual(['dogs', 'cats', 'dogs'])
    expect(answers).toEqual(ids.map((id) => ({ status: 201, body: expect.objectContaining({ stream_id: id }) })))
    expect(dead.map(withoutReasons)).toEqual(written)
    expect(dead).toEqual(
      ids.map((id) =>
        expect.objectContaining({
          _dead_id: id,
          _dead_reason: 'contract_broken',
          _dead_findings: expect.stringContaining('"code":"field.missing","at":"/vote"'),
        }),
      ),
    )
    expect(await api.redis.xpending('votes', 'tally')).toEqual([0, null, null, null])
    expect(counts).toEqual({ cats: 1, dogs: 2 })
  })

  test.each([
    ['another option', { option: 'birds' }, 'value.not-allowed'],
    ['no option', { vote: 'cats' }, 'field.missing'],
  ])('a vote with %s is refused with the finding, and nothing is written', async (_what, vote, code) => {
    await using api = await startVoteApi()

    const { status, body } = await postVote(api, vote)

    expect(status).toBe(400)
    expect(body).toHaveProperty(
      'findings',
      expect.arrayContaining([expect.objectContaining({ code, at: '/body/option' })]),
    )
    expect(await api.redis.exists('votes')).toBe(0)
  })
})

type Registry = AsyncDisposable & { readonly url: string }

/** The registry as a user starts it, on a free port and with a folder of its own. */
async function startRegistry(): Promise<Registry> {
  const server = await startServer({
    name: 'registry',
    ready: /"listening"/,
    command: (_port, folder) => ({
      command: process.execPath,
      args: [cli, 'serve', '--data', join(folder, 'data'), '--port', '0', '--json'],
      env: {},
    }),
  })
  const [, url = ''] = /"listening":"([^"]+)"/.exec(server.lastLines()) ?? []
  return { ...server, url }
}

/** Runs `concordat check` on the newest versions of two subjects, read back from the registry into files. */
async function check(client: RegistryClient, writer: string, reader: string): Promise<Outcome> {
  const folder = await temporaryFolder()
  const save = async (subject: string): Promise<string> => {
    const file = join(folder, `${subject}.json`)
    await writeFile(file, (await client.version(subject, 'latest')).schema)
    return file
  }
  const [written, read] = await Promise.all([save(writer), save(reader)])
  return outcomeOf(process.execPath, [cli, 'check', '--writer', written, '--reader', read])
}

function withoutReasons(letter: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(letter).filter(([name]) => !name.startsWith('_dead_')))
}
