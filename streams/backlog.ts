import type { RedisClient } from './client.ts'
import type { Letters } from './dead-letters.ts'
import { deadKey, retryKey } from './keys.ts'
import { run, script } from './scripts.ts'

/** What a group still has before it, on its stream and on its retry stream together, as the server sees it at one moment. */
export type Backlog = {
  /** Entries that were handed out and neither acknowledged nor parked. */
  readonly pending: number
  /** How long ago the oldest of them was written, in seconds; 0 where there is none. */
  readonly oldestPendingAge: number
  /** How long ago the oldest entry was written that was never handed out, in seconds; 0 where there is none. */
  readonly lag: number
  /** How many were never handed out, where Redis can tell; too many where trimming took some that were unread. */
  readonly unread: number | undefined
  readonly deadLetters: number
}

/**
 * Redis answers no lag after XDEL and XGROUP SETID, 0 or less where it was told a wrong number of entries read, and too much
 * after trimming. The entry that follows the last one handed out can always be asked for; only its id leaves the server.
 * Where that is the stream's first, all that stand there are unread; else Redis's count is believed where it is possible.
 */
const BACKLOG = script(`
local group, time = ARGV[1], redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function named(list)
  local values = {}
  for i = 1, #list, 2 do values[list[i]] = list[i + 1] end
  return values
end
local function age(id) return math.max(0, now - tonumber(string.match(id, '^%d+'))) end
local pending, oldest, lag, unread = 0, 0, 0, 0
for i = 1, 2 do
  local found
  if redis.call('EXISTS', KEYS[i]) == 1 then
    for _, about in ipairs(redis.call('XINFO', 'GROUPS', KEYS[i])) do
      if named(about).name == group then found = named(about) end
    end
  end
  if found then
    local summary = redis.call('XPENDING', KEYS[i], group)
    pending = pending + summary[1]
    if summary[1] > 0 then oldest = math.max(oldest, age(summary[2])) end
    local following = redis.call('XRANGE', KEYS[i], '(' .. found['last-delivered-id'], '+', 'COUNT', 1)[1]
    if following then
      lag = math.max(lag, age(following[1]))
      local first, length = redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', 1)[1], redis.call('XLEN', KEYS[i])
      local counted = first[1] == following[1] and length or found.lag
      local isPossible = counted and counted > 0 and counted <= length
      unread = unread and isPossible and unread + counted
    end
  end
end
return { pending, oldest, lag, unread or '', redis.call('XLEN', KEYS[3]) }
`)

/** Asks what a group has before it: one short script, whatever the length of the stream. */
export async function readBacklog(redis: RedisClient, { stream, group }: Letters): Promise<Backlog> {
  const keys = [stream, retryKey(stream, group), deadKey(stream, group)]
  const reply = (await run(redis, BACKLOG, keys, [group])) as (number | string)[]
  const [pending, oldestMs, lagMs, unread, deadLetters] = reply.map((value) =>
    value === '' ? undefined : Number(value),
  )
  return {
    pending: pending ?? 0,
    oldestPendingAge: (oldestMs ?? 0) / 1_000,
    lag: (lagMs ?? 0) / 1_000,
    unread,
    deadLetters: deadLetters ?? 0,
  }
}
