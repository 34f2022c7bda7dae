import { Redis } from 'ioredis'
import { openSqlite } from '../../examples/voting/database/sqlite.ts'
import type { VotesDatabase } from '../../examples/voting/database/votes-database.ts'
import { buildVoteApi, type VoteApiOptions } from '../../examples/voting/vote-api/app.ts'
import { startRedis } from './redis.ts'
import { disposableFolder } from './temporary-folder.ts'

/** The example's vote API, listening on 127.0.0.1, with a Redis and a database of its own. */
export type VoteApi = AsyncDisposable & {
  readonly url: string
  readonly redis: Redis
  readonly redisUrl: string
  readonly database: VotesDatabase
}

export async function startVoteApi(options: Partial<VoteApiOptions> = {}): Promise<VoteApi> {
  await using started = new AsyncDisposableStack()
  const server = started.use(await startRedis())
  const redis = started.adopt(new Redis(server.url), (client) => client.disconnect())
  const { path } = started.use(await disposableFolder())
  const database = options.database ?? started.use(await openSqlite(path))
  const app = started.adopt(await buildVoteApi({ redis, ...options, database }), (api) => api.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const running = started.move()
  return { url, redis, redisUrl: server.url, database, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Votes as a client that knows nothing of Concordat would. */
export async function postVote(
  { url }: Pick<VoteApi, 'url'>,
  vote: unknown,
  key?: string,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/api/vote`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
    body: JSON.stringify(vote),
  })
  return { status: response.status, body: await response.json() }
}

/** The fields of every entry of a stream, oldest first, as Redis keeps them. */
export async function fieldsWritten(redis: Redis, stream: string): Promise<Record<string, string>[]> {
  const entries = await redis.xrange(stream, '-', '+')
  return entries.map(([, fields]) => Object.fromEntries(pairsOf(fields)))
}

function pairsOf(fields: readonly string[]): [string, string][] {
  return fields.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, fields[i + 1] ?? '']] : []))
}
