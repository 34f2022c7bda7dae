import { isSomebodyThere, waitForEnter } from './keys.ts'
import { conclude, type Numbered, play } from './play.ts'
import type { Screen } from './screen.ts'
import { openStage, type Stage } from './stage.ts'
import { stopWhenTold } from './stopping.ts'

/**
 * Sets all up, casts some votes, says where to look, and plays the steps. On a terminal it waits between them, and in the
 * end for somebody to leave; elsewhere it ends by itself. Answers the exit code: 0 only if each step showed what it should.
 */
export async function tell(steps: readonly Numbered[], screen: Screen): Promise<number> {
  using stopping = stopWhenTold()
  const { signal, orStopped } = stopping
  screen.say('Setting up the registry, Redis, the vote API, the tally and the page …')
  await using stage = await screen.during('setting up', open(signal))
  await orStopped(castFirst(stage))
  for (const line of whereToLook(stage)) screen.say(line)
  let isWatched = isSomebodyThere()
  const goOn = async ({ number }: Numbered): Promise<boolean> => {
    if (!isWatched) return true
    screen.say(`\nEnter goes on with step ${number}, q ends the demo.`)
    isWatched = await waitForEnter(signal)
    return isWatched
  }
  const missed = await orStopped(play(steps, { stage, screen, signal, goOn }))
  const exitCode = conclude(missed, screen)
  if (isWatched) await orStopped(stayUp(stage, screen, signal))
  return exitCode
}

/** What is opened half is closed again before the demo ends. */
async function open(signal: AbortSignal): Promise<Stage> {
  try {
    return await openStage(signal)
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

/** So that the page has something to show. */
async function castFirst({ votes }: Stage): Promise<void> {
  await Promise.all(['cats', 'dogs', 'dogs', 'cats', 'dogs'].map((option) => votes.cast(option)))
}

function whereToLook({ pageUrl, apiUrl, registryUrl, redisCli }: Stage): string[] {
  return [
    '',
    'The voting example runs: a vote API, a Redis stream, a tally, and a page. Some votes have been cast.',
    '',
    `   the page      ${pageUrl}`,
    `   the results   ${apiUrl}/api/results`,
    `   the registry  ${registryUrl}/api/services`,
    `   the stream    ${redisCli} XRANGE votes - +`,
  ]
}

async function stayUp({ pageUrl }: Stage, screen: Screen, signal: AbortSignal): Promise<void> {
  screen.say(`The page stays up at ${pageUrl} until q or Ctrl+C.`)
  while (await waitForEnter(signal)) continue
}
