import { type Running, runProgram } from './program.ts'
import { readTallySettings, readVoteApiSettings, readWebSettings } from './settings.ts'
import { runTally } from './tally/run.ts'
import { runVoteApi } from './vote-api/run.ts'
import { runWeb } from './web/run.ts'

await runProgram(runAll)

/** Runs the vote API, the tally and the page in one process. */
async function runAll(): Promise<Running> {
  const [ofApi, ofTally] = [readVoteApiSettings(), readTallySettings()]
  await using opened = new AsyncDisposableStack()
  const api = opened.use(await runVoteApi(ofApi))
  const web = opened.use(await runWeb(readWebSettings(undefined, api.url)))
  api.allowOrigin(web.url)
  const tally = opened.use(await runTally(ofTally))
  const running = opened.move()
  return {
    greeting: [api.greeting, web.greeting, tally.greeting, '', ...whatToTry(api.url)].join('\n'),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function whatToTry(url: string): string[] {
  const vote = (option: string) =>
    `curl -s ${url}/api/vote -H 'Content-Type: application/json' -d '{"option":"${option}"}'`
  return [
    'Try next:',
    `  vote                          ${vote('dogs')}`,
    `  see how it stands             curl -s ${url}/api/results`,
    `  break the contract            ${vote('birds')}`,
    '  break it behind the API       redis-cli XADD votes "*" vote dogs',
    '  see what the tally parked     redis-cli XRANGE {votes}:dead:tally - +',
    '',
    'Ctrl+C stops it.',
  ]
}
