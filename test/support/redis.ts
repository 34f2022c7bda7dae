import { type Program, works } from './program.ts'
import { cachedRedis, howToGetRedis, installRedis } from './redis-install.ts'
import { type ServerProcess, startServer } from './server-process.ts'

export type RedisServer = ServerProcess & { readonly url: string }

type RedisOptions = {
  /** Flags of redis-server. */
  readonly args?: readonly string[]
  /** Once it is aborted, nothing is fetched any more. */
  readonly signal?: AbortSignal
}

/** A Redis of one's own. It keeps nothing on disk unless `args` say otherwise. */
export async function startRedis({ args = [], signal }: RedisOptions = {}): Promise<RedisServer> {
  const { command, env } = await findRedis(signal)
  const server = await startServer({
    name: 'redis',
    ready: /Ready to accept connections/,
    command: (port, folder) => ({ command, env, args: [...flags(port, folder), ...args] }),
  })
  return { ...server, url: `redis://127.0.0.1:${server.port}` }
}

function flags(port: number, folder: string): string[] {
  return ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no']
}

/** The Redis that REDIS_SERVER names, or one on PATH, or the repository's own, which is fetched when it is missing. */
export async function findRedis(signal?: AbortSignal): Promise<Program> {
  const named = process.env.REDIS_SERVER
  if (named) return namedRedis({ command: named, env: {} })
  const found = (await redisOnPath()) ?? (await cachedRedis())
  // Ctrl+C ends the programs that were asked whether they run, too.
  signal?.throwIfAborted()
  return found ?? installRedis()
}

async function namedRedis(program: Program): Promise<Program> {
  if (await works(program)) return program
  throw new Error(`REDIS_SERVER names '${program.command}', which does not run. ${howToGetRedis}`)
}

async function redisOnPath(): Promise<Program | undefined> {
  for (const command of ['redis-server', 'valkey-server']) {
    const program = { command, env: {} }
    if (await works(program)) return program
  }
  return undefined
}
