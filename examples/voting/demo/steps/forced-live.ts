import { isDeepStrictEqual } from 'node:util'
import { waitFor } from '../../../../test/support/wait-for.ts'
import { NotShown, type Step } from '../play.ts'
import type { Screen } from '../screen.ts'
import { showCommand } from '../show-command.ts'
import type { Stage } from '../stage.ts'

const WAIT_MS = 60_000

/** More than the breaker lets a consumer park one after the other. */
const OPTIONS = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? 'cats' : 'dogs'))

export const forcedLive: Step = {
  name: 'forced',
  title: 'Forced live past every check, the guard loses nothing',
  tells:
    'Each vote is parked whole in the dead letters, and after twenty in a row the breaker stops the consumer rather than to park everything. Then the fix is deployed, and the dead letters are sent again.',
  async play(stage, screen) {
    const before = await stage.votes.dead()
    await breakIt(stage, screen)
    const parked = (await stage.votes.dead()) - before
    await mendIt(stage, screen)
    const total = await countAll(stage, screen, before)
    return `caught: ${parked} votes were parked whole, and after the fix all ${total} that were ever accepted are counted, each once`
  },
}

async function breakIt({ votes, tally, concordat }: Stage, screen: Screen): Promise<void> {
  screen.command('voting', 'node mistake/main.ts')
  await screen.during('the tally that reads `vote` starts', tally.deploy('mistake'))
  screen.output(firstLine(tally.output()))

  const answers = await Promise.all(OPTIONS.map((option) => votes.cast(option)))
  const accepted = answers.filter(({ status }) => status === 201).length
  if (accepted !== OPTIONS.length) throw new NotShown(`Of ${OPTIONS.length} votes ${accepted} were accepted.`)
  screen.note(`${accepted} votes are cast, and the vote API accepts them all. What this tally says in the end:`)
  const stopped = waitFor('the breaker to stop the consumer', () => breakerIn(tally.output()), WAIT_MS)
  const sentence = await screen.during('the breaker looks on', stopped)
  screen.output(`${lastParked(tally.output())}\n${sentence}`, ['"vote_parked"', 'reads no more'])

  const ready = `${tally.healthUrl()}/ready`
  screen.command('anyone', `curl -s ${ready}`)
  screen.output(await (await fetch(ready)).text(), ['not ready'])
  const list = 'dead-letters list --stream votes --group tally --limit 3'
  await showCommand(screen, {
    folder: 'tally',
    typed: `concordat ${list}`,
    run: () => concordat(list),
    ends: 0,
    says: ['contract_broken', '/vote is required and missing'],
  })
}

async function mendIt({ tally, concordat }: Stage, screen: Screen): Promise<void> {
  screen.command('voting', 'node tally/main.ts')
  await screen.during('the tally that reads `option` starts', tally.deploy('tally'))
  screen.output(firstLine(tally.output()))
  const again = 'dead-letters send-again --stream votes --group tally'
  await showCommand(screen, {
    folder: 'tally',
    typed: `concordat ${again}`,
    run: () => concordat(again),
    ends: 0,
    says: ['again to {votes}:retry:tally'],
  })
}

/** Waits until what is counted is what was accepted, and only those dead letters are left that were there before. */
async function countAll({ apiUrl, votes }: Stage, screen: Screen, before: number): Promise<number> {
  const isExact = async () =>
    isDeepStrictEqual(await votes.counted(), await votes.accepted()) && (await votes.dead()) === before
  await screen.during('the tally counts', waitFor('the totals to be what was accepted', isExact, WAIT_MS))
  const lost = await votes.lost()
  if (lost.length > 0) throw new NotShown(`These votes were accepted, and are gone: ${lost.join(', ')}.`)
  screen.command('anyone', `curl -s ${apiUrl}/api/results`)
  screen.output((await votes.readResults()).text, ['"total_votes"'])
  if (before > 0) screen.note(`What had been parked before (${before}) is parked again: no tally can count it.\n`)
  const { cats, dogs } = await votes.counted()
  return cats + dogs
}

function firstLine(output: string): string {
  return output.split('\n')[0] ?? ''
}

function breakerIn(output: string): string | undefined {
  return /^.*\bhad to be parked.*$/m.exec(output)?.[0]
}

function lastParked(output: string): string {
  return output.match(/^.*"vote_parked".*$/gm)?.at(-1) ?? ''
}
