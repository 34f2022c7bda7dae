import { once } from 'node:events'
import type { FastifyInstance } from 'fastify'
import { connectRedis } from './connect.ts'
import { readSettings } from './settings.ts'
import { reasonOf, StartFailed } from './start-failed.ts'
import { startTally } from './tally/tally.ts'
import { buildVoteApi } from './vote-api/app.ts'

try {
  await run()
} catch (error) {
  if (!(error instanceof StartFailed)) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** Runs the vote API and the tally until Ctrl+C or SIGTERM. */
async function run(): Promise<void> {
  const { redisUrl, port } = readSettings()
  await using running = new AsyncDisposableStack()
  const { redis } = running.use(await connectRedis(redisUrl))
  const api = running.use(buildVoteApi(redis))
  const url = await listen(api, port)
  running.use(
    startTally(redis, {
      onCounted: ({ cats, dogs }) => console.log(`cats ${cats}, dogs ${dogs}`),
      onParked: ({ id, reason }) => console.log(`parked ${id} in {votes}:dead:tally (${reason})`),
      onError: (error) => console.error(error.message),
    }),
  )
  console.log(greeting(url))
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
}

async function listen(api: FastifyInstance, port: number): Promise<string> {
  try {
    return await api.listen({ host: '127.0.0.1', port })
  } catch (cause) {
    throw new StartFailed(`Port ${port} cannot be listened on (${reasonOf(cause)}): choose another with VOTES_PORT.`, {
      cause,
    })
  }
}

function greeting(url: string): string {
  const vote = (option: string) =>
    `curl -s ${url}/api/vote -H 'Content-Type: application/json' -d '{"option":"${option}"}'`
  return [
    `The vote API listens on ${url}, and the tally counts what comes in.`,
    '',
    'Try next:',
    `  vote                          ${vote('dogs')}`,
    `  break the contract            ${vote('birds')}`,
    '  break it behind the API       redis-cli XADD votes "*" vote dogs',
    '  see what the tally parked     redis-cli XRANGE {votes}:dead:tally - +',
    '',
    'Ctrl+C stops it.',
  ].join('\n')
}
