import { type RedisClient, run, script } from '../streams/index.ts'
import type { Member, Source } from './group.ts'

/**
 * XCLAIM and XAUTOCLAIM drop a pending entry that was trimmed from the stream, and nobody would ever hear of it. Both scripts
 * look first, so that it stays pending until its dead letter is written.
 */
const HOLD = script(`
local key, group, consumer, lost = KEYS[1], ARGV[1], ARGV[2], {}
for i = 3, #ARGV, 2 do
  local id = ARGV[i]
  if #redis.call('XPENDING', key, group, id, id, 1, consumer) == 0 then
    lost[#lost + 1] = id
  elseif #redis.call('XRANGE', key, id, id) > 0 then
    if ARGV[i + 1] == '' then
      redis.call('XCLAIM', key, group, consumer, 0, id, 'JUSTID')
    else
      redis.call('XCLAIM', key, group, consumer, 0, id, 'RETRYCOUNT', ARGV[i + 1], 'JUSTID')
    end
  end
end
return lost
`)

const CLAIM = script(`
local key, group, consumer, idle, taken = KEYS[1], ARGV[1], ARGV[2], ARGV[3], {}
for i = 4, #ARGV do
  local id = ARGV[i]
  if #redis.call('XPENDING', key, group, 'IDLE', idle, id, id, 1) > 0 then
    if #redis.call('XRANGE', key, id, id) > 0 then
      redis.call('XCLAIM', key, group, consumer, idle, id, 'JUSTID')
    end
    taken[#taken + 1] = id
  end
end
return taken
`)

/** What to hold, and which try of it begins; without a number the count stays as it is. */
export type Held = { readonly id: string; readonly attempt?: number }

/** Tells the server that this consumer is at work on some entries. Returns those that are no longer its own. */
export async function hold(
  redis: RedisClient,
  { key }: Source,
  member: Member,
  held: readonly Held[],
): Promise<string[]> {
  const args = held.flatMap(({ id, attempt }) => [id, attempt ?? ''])
  return (await run(redis, HOLD, [key], [member.group, member.consumer, ...args])) as string[]
}

/** Takes over those that have lain idle for so long. Returns which: also the trimmed, which nobody can own any more. */
export async function claim(
  redis: RedisClient,
  { key }: Source,
  member: Member,
  { idleMs, ids }: { readonly idleMs: number; readonly ids: readonly string[] },
): Promise<string[]> {
  return (await run(redis, CLAIM, [key], [member.group, member.consumer, idleMs, ...ids])) as string[]
}
