import type { TestProject } from 'vitest/node'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Shared by the whole run: use keys of your own, and no FLUSHALL. */
    redisUrl: string
    /** Shared by the whole run: `createDatabase(inject('postgresUrl'))` gives one of your own. */
    postgresUrl: string
  }
}

/** One Redis and one PostgreSQL for the whole run, started side by side. When one does not start, the other stops. */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  await using started = new AsyncDisposableStack()
  const starting = [keep(startRedis(), started), keep(startPostgres(), started)] as const
  await Promise.allSettled(starting)
  const [redis, postgres] = await Promise.all(starting)
  project.provide('redisUrl', redis.url)
  project.provide('postgresUrl', postgres.url)
  const servers = started.move()
  return () => servers.disposeAsync()
}

async function keep<T extends AsyncDisposable>(starting: Promise<T>, stack: AsyncDisposableStack): Promise<T> {
  return stack.use(await starting)
}
