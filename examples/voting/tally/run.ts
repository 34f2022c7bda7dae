import type { Consumer } from 'concordat/consumers'
import { createMetrics, type Metrics } from 'concordat/telemetry'
import Fastify, { type FastifyInstance } from 'fastify'
import { connectRedis } from '../connect.ts'
import { openDatabase } from '../database/open.ts'
import type { VotesDatabase } from '../database/votes-database.ts'
import { listen } from '../listen.ts'
import { addOperations } from '../operations.ts'
import type { Running } from '../program.ts'
import type { TallySettings } from '../settings.ts'
import { startTally } from './tally.ts'

/** Starts a tally, which writes a line of JSON for each vote, and answers for its health where it is told to. */
export async function runTally(settings: TallySettings, start: typeof startTally = startTally): Promise<Running> {
  await using opened = new AsyncDisposableStack()
  const { redis } = opened.use(await connectRedis(settings.redisUrl))
  const database = opened.use(await openDatabase(settings.database))
  const metrics = createMetrics()
  const { name, listening } = settings
  const tally = start(redis, database, {
    ...(name !== undefined && { consumer: name }),
    metrics,
    onProcessed: (processed) => console.log(JSON.stringify(processed)),
    onParked: ({ id, reason, findings }) =>
      console.log(JSON.stringify({ event: 'vote_parked', stream_id: id, reason, findings })),
    onError: (error) => console.error(error.message),
  })
  opened.use(tally)
  const greeting = ['The tally counts what comes in.']
  if (listening !== undefined) {
    const app = buildOperations({ tally, database, metrics })
    opened.defer(() => app.close())
    greeting.push(`It answers for its health on ${await listen(app, listening)}.`)
  }
  const running = opened.move()
  return { greeting: greeting.join(' '), [Symbol.asyncDispose]: () => running.disposeAsync() }
}

type Parts = { readonly tally: Consumer; readonly database: VotesDatabase; readonly metrics: Metrics }

function buildOperations({ tally, database, metrics }: Parts): FastifyInstance {
  const app: FastifyInstance = Fastify()
  const needs = {
    'the stream': () => tally.isReady(),
    'the database': async () => (await database.readTotals()) !== undefined,
  }
  addOperations(app, { isAlive: () => tally.isAlive(), needs, metrics })
  return app
}
