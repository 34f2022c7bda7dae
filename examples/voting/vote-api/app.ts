import { guardRoutes, producer } from 'concordat/producers'
import { createMetrics } from 'concordat/telemetry'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Redis } from 'ioredis'
import type { VotesDatabase } from '../database/votes-database.ts'
import { addOperations } from '../operations.ts'
import { answerFailures } from './answer-failures.ts'
import { speakToBrowsers } from './browsers.ts'
import { castVote } from './cast-vote.ts'
import { countRequests } from './count-requests.ts'
import { rememberKeys } from './keys.ts'
import { createLiveResults, type LiveResultsOptions } from './live-results.ts'
import { PostVote } from './post-vote.contract.ts'
import { limitRate } from './rate-limit.ts'
import { GetLiveResults, GetResults } from './results.contract.ts'
import { showLiveResults } from './show-live-results.ts'
import { showResults } from './show-results.ts'
import { Votes } from './votes.contract.ts'

export type VoteApiOptions = LiveResultsOptions & {
  readonly redis: Redis
  readonly database: VotesDatabase
  /** How long Redis has to confirm a vote; 3,000 unless given. */
  readonly deadlineMs?: number
  /** The origins of pages that may ask from a browser. */
  readonly corsOrigins?: ReadonlySet<string>
  /** How many requests of one address are answered in a minute; all of them unless given. */
  readonly requestsPerMinute?: number | undefined
  /** The proxies whose word is taken for the address of who asks. */
  readonly trustProxy?: readonly string[]
  /** Told of every failure that was answered with 503. */
  readonly onError?: (error: Error) => void
}

/** A vote is short, and nobody may take long over sending one. */
const LIMITS = { bodyLimit: 16_384, requestTimeout: 10_000, return503OnClosing: false } as const

/** Builds the API that takes votes, writes them to the stream, and tells how they stand. It does not listen yet. */
export async function buildVoteApi(options: VoteApiOptions): Promise<FastifyInstance> {
  const { redis, database, deadlineMs = 3_000, corsOrigins = new Set(), trustProxy = [], onError } = options
  const app: FastifyInstance = Fastify({ ...LIMITS, trustProxy: [...trustProxy] })
  const metrics = createMetrics()
  const votes = producer(redis, Votes, { metrics, deadlineMs })
  const live = createLiveResults(database, options)
  app.addHook('preClose', async () => live.close())
  app.addHook('onClose', () => votes.close())
  answerFailures(app, (error) => onError?.(error))
  countRequests(app, metrics)
  speakToBrowsers(app, corsOrigins)
  if (options.requestsPerMinute !== undefined) limitRate(app, options.requestsPerMinute)
  await app.register(guardRoutes, { serves: [PostVote, GetResults, GetLiveResults] })
  app.route(castVote(votes, rememberKeys(redis, deadlineMs)))
  app.route(showResults(database))
  app.route(showLiveResults(live))
  const needs = {
    Redis: async () => redis.status === 'ready' && (await redis.ping()) === 'PONG',
    'the database': async () => (await database.readTotals()) !== undefined,
  }
  addOperations(app, { isAlive: () => true, needs, metrics })
  return app
}
