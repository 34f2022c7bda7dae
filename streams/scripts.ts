import { createHash } from 'node:crypto'
import type { RedisClient } from './client.ts'

/** A Lua script and the name under which Redis remembers it. */
export type Script = { readonly text: string; readonly sha: string }

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * Runs a script by its hash, and by its text where Redis does not know it: after SCRIPT FLUSH, a restart or a failover.
 * A script that Redis does not know has done nothing, so that running it again doubles nothing. In a cluster all keys
 * must share a slot.
 */
export async function run(
  redis: RedisClient,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args)
  } catch (error) {
    if (!isUnknownScript(error)) throw error
    return redis.eval(text, keys.length, ...keys, ...args)
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
