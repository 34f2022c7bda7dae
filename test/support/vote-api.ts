import { Redis } from 'ioredis'
import { buildVoteApi } from '../../examples/voting/vote-api/app.ts'
import { startRedis } from './redis.ts'

/** The example's vote API, listening on 127.0.0.1 and writing to a Redis of its own. */
export type VoteApi = AsyncDisposable & { readonly url: string; readonly redis: Redis }

export async function startVoteApi(): Promise<VoteApi> {
  await using started = new AsyncDisposableStack()
  const server = started.use(await startRedis())
  const redis = started.adopt(new Redis(server.url), (client) => client.disconnect())
  const app = started.adopt(buildVoteApi(redis), (api) => api.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const running = started.move()
  return { url, redis, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Votes as a client that knows nothing of Concordat would. */
export async function postVote(
  { url }: Pick<VoteApi, 'url'>,
  vote: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/api/vote`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
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
