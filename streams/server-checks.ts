import type { RedisClient } from './client.ts'

/** Something about the server that can lose messages, and what to do. */
export type ServerWarning = {
  readonly code: 'redis.may-evict' | 'redis.keeps-nothing' | 'redis.may-lose-seconds'
  readonly message: string
}

/**
 * Asks a server, once at the start, whether it may lose streams by itself. A server that does not let its settings be read
 * gives no warnings: most that are run by others do not.
 */
export async function checkServer(redis: RedisClient): Promise<ServerWarning[]> {
  const [memory, policy, aof, fsync, save] = await Promise.all(
    ['maxmemory', 'maxmemory-policy', 'appendonly', 'appendfsync', 'save'].map((name) => settingOf(redis, name)),
  )
  const warnings: ServerWarning[] = []
  if (memory !== undefined && memory !== '0' && policy !== undefined && policy.startsWith('allkeys'))
    warnings.push({
      code: 'redis.may-evict',
      message: `Redis may evict whole streams: maxmemory is ${memory} and maxmemory-policy is ${policy}; set it to noeviction.`,
    })
  if (aof === 'no' && save === '')
    warnings.push({
      code: 'redis.keeps-nothing',
      message: 'Redis keeps nothing on disk: a restart loses every message and every group; set appendonly to yes.',
    })
  else if (aof === 'no' || fsync === 'no')
    warnings.push({
      code: 'redis.may-lose-seconds',
      message: `Redis writes to the disk only now and then (appendonly ${aof}, appendfsync ${fsync ?? 'unknown'}): a crash loses what came since; set appendonly to yes and appendfsync to everysec or always.`,
    })
  return warnings
}

async function settingOf(redis: RedisClient, name: string): Promise<string | undefined> {
  try {
    const reply: unknown = await redis.config('GET', name)
    if (Array.isArray(reply)) return typeof reply[1] === 'string' ? reply[1] : undefined
    // RESP3 answers with a map.
    const value =
      reply instanceof Map ? reply.get(name) : (reply as { readonly [name: string]: unknown } | null)?.[name]
    return typeof value === 'string' ? value : undefined
  } catch {
    // Not allowed, or not there: then there is nothing to say.
    return undefined
  }
}
