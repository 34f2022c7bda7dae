import type { TestProject } from 'vitest/node'
import { startRedis } from './redis.ts'

/** One Redis for the whole run, for tests that need no PostgreSQL. */
export default async function startRedisAlone(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis()
  project.provide('redisUrl', redis.url)
  return async () => redis[Symbol.asyncDispose]()
}
