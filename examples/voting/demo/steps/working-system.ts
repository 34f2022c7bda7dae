import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { waitFor } from '../../../../test/support/wait-for.ts'
import { NotShown, type Step } from '../play.ts'
import type { Screen } from '../screen.ts'
import { showCommand } from '../show-command.ts'
import type { Stage } from '../stage.ts'

const WAIT_MS = 60_000

export const workingSystem: Step = {
  name: 'works',
  title: 'The system works',
  tells:
    'Votes come in over HTTP, cross a Redis stream and are counted. Somebody who has never heard of Concordat may write there too: what keeps the contract counts, and what breaks it is parked by the guard of whoever reads.',
  async play(stage, screen) {
    await voteOverHttp(stage, screen)
    await writeFromOutside(stage, screen)
    const total = await readTotal(stage, screen)
    return `works: ${total} votes were accepted, ${total} are counted, and one that broke the contract is parked`
  },
}

async function voteOverHttp({ apiUrl, votes }: Stage, screen: Screen): Promise<void> {
  screen.command('anyone', `curl -s ${apiUrl}/api/vote -H 'Content-Type: application/json' -d '{"option":"dogs"}'`)
  const { status, text } = await votes.cast('dogs')
  screen.output(text, ['"stream_id"'])
  if (status !== 201) throw new NotShown(`The vote API answered ${status}, and not 201.`)
}

async function writeFromOutside({ redisCli, votes, tally, concordat }: Stage, screen: Screen): Promise<void> {
  const add = async (field: string): Promise<string> => {
    const id = randomUUID()
    screen.command('foreign writer', `${redisCli} XADD votes '*' ${field} cats request_id ${id}`)
    const entry = await votes.add(field, 'cats', 'request_id', id)
    screen.output(`"${entry}"`)
    return entry
  }
  const right = await add('option')
  const wrong = await add('vote')
  const told = waitFor('the tally to tell of both', () => linesOf(tally.output(), [right, wrong]), WAIT_MS)
  screen.note('The tally takes the one, and parks the other:')
  screen.output(await screen.during('the tally reads them', told), ['"vote_processed"', '"vote_parked"'])
  const list = 'dead-letters list --stream votes --group tally'
  await showCommand(screen, {
    folder: 'tally',
    typed: `concordat ${list}`,
    run: () => concordat(list),
    ends: 0,
    says: [wrong, 'contract_broken', '/option is required and missing'],
  })
}

function linesOf(output: string, [taken = '', parked = '']: readonly string[]): string | undefined {
  const lines = output.split('\n')
  const processed = lines.find((line) => line.includes('"vote_processed"') && line.includes(taken))
  const refused = lines.find((line) => line.includes('"vote_parked"') && line.includes(parked))
  return processed !== undefined && refused !== undefined ? `${processed}\n${refused}` : undefined
}

/** Waits until what is counted is what was accepted. */
async function readTotal({ apiUrl, votes }: Stage, screen: Screen): Promise<number> {
  const isExact = async () => isDeepStrictEqual(await votes.counted(), await votes.accepted())
  await screen.during('the tally counts', waitFor('the totals to be what was accepted', isExact, WAIT_MS))
  screen.command('anyone', `curl -s ${apiUrl}/api/results`)
  screen.output((await votes.readResults()).text, ['"total_votes"'])
  const { cats, dogs } = await votes.counted()
  return cats + dogs
}
