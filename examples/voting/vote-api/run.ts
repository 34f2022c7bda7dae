import { connectRedis } from '../connect.ts'
import { openDatabase } from '../database/open.ts'
import { listen } from '../listen.ts'
import type { Running } from '../program.ts'
import type { VoteApiSettings } from '../settings.ts'
import { buildVoteApi } from './app.ts'

export type RunningVoteApi = Running & {
  readonly url: string
  /** Pages of one more origin may ask from now on. */
  readonly allowOrigin: (origin: string) => void
}

/** Starts the vote API. */
export async function runVoteApi(settings: VoteApiSettings): Promise<RunningVoteApi> {
  await using opened = new AsyncDisposableStack()
  const { redis } = opened.use(await connectRedis(settings.redisUrl))
  const database = opened.use(await openDatabase(settings.database))
  const corsOrigins = new Set(settings.corsOrigins)
  const app = await buildVoteApi({ ...settings, redis, database, corsOrigins, onError: tell })
  opened.defer(() => app.close())
  const url = await listen(app, settings)
  const running = opened.move()
  return {
    url,
    greeting: `The vote API listens on ${url}.`,
    allowOrigin: (origin) => void corsOrigins.add(origin),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function tell(error: Error): void {
  console.error(error.message)
}
