import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster, Redis } from 'ioredis'
import type { StreamContract } from '../contracts/index.ts'
import { run, script } from '../streams/index.ts'
import type { Metrics } from '../telemetry/index.ts'
import { createSweepCounts } from './counts.ts'
import { countLost, type Lost, type Swept } from './lost.ts'

export type JanitorOptions = {
  /** How long to wait between two sweeps; 60,000 unless given. */
  readonly everyMs?: number
  /** Entries younger than this stay, whoever has read them. */
  readonly keepAtLeastMs?: number
  /** Told how many entries a sweep took away, when it took any. */
  readonly onTrimmed?: (trimmed: number) => void
  /** Told of entries that someone else's trimming or deleting took before a group had read them. */
  readonly onLost?: (lost: Lost) => void
  /** Told of every failure that the janitor survives by itself, such as a lost connection. */
  readonly onError?: (error: Error) => void
  /** Where to count what was trimmed and what was lost. */
  readonly metrics?: Metrics
}

/** Keeps a stream small. Closing lets the sweep in hand finish. */
export type Janitor = AsyncDisposable & {
  /** Sweeps now and says how many entries it took away. */
  readonly sweep: () => Promise<number>
  readonly close: () => Promise<void>
}

/**
 * Looks at the groups and trims in one step, so that no group can appear between the two. What a group was given and has
 * not acknowledged stays, with everything after it; so does what it has not read. A stream without groups is left alone,
 * and a sweep takes ten thousand entries at most, so that Redis is not held up.
 */
const SWEEP = script(`
local stream, keep = KEYS[1], tonumber(ARGV[1])
if redis.call('EXISTS', stream) == 0 then return false end

local function split(id) return string.match(id, '^(%d+)-(%d+)$') end
local function less(a, b) return #a < #b or (#a == #b and a < b) end
local function before(one, other)
  local ms, seq = split(one)
  local otherMs, otherSeq = split(other)
  return less(ms, otherMs) or (ms == otherMs and less(seq, otherSeq))
end
local function named(list)
  local values = {}
  for i = 1, #list, 2 do values[list[i]] = list[i + 1] end
  return values
end

local info, limit, groups = named(redis.call('XINFO', 'STREAM', stream)), nil, {}
for _, found in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local group = named(found)
  local pending = redis.call('XPENDING', stream, group.name)
  local needed = pending[2] or group['last-delivered-id']
  if not limit or before(needed, limit) then limit = needed end
  groups[#groups + 1] = { group.name, group['last-delivered-id'], group['entries-read'] or '' }
end
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local found = { redis.call('XLEN', stream), info['entries-added'] or '', first and first[1] or '', groups }
if not limit then return { 0, unpack(found) } end

if keep > 0 then
  local now = redis.call('TIME')
  local oldest = string.format('%.0f-0', now[1] * 1000 + math.floor(now[2] / 1000) - keep)
  if before(oldest, limit) then limit = oldest end
end
return { redis.call('XTRIM', stream, 'MINID', '~', limit, 'LIMIT', 10000), unpack(found) }
`)

/** Trims a stream, again and again, by the positions of its groups, and never what a group still needs. Starts at once. */
export function janitor(
  redis: Redis | Cluster,
  contract: StreamContract | string,
  options: JanitorOptions = {},
): Janitor {
  const stream = typeof contract === 'string' ? contract : contract.stream
  const { everyMs = 60_000, keepAtLeastMs = 0, onTrimmed, onLost, onError } = options
  const channel = typeof contract === 'string' ? `stream:${stream}` : contract.channel
  const counts = options.metrics && createSweepCounts(options.metrics, channel)
  const stopping = new AbortController()
  const told = new Map<string, number>()

  const sweep = async (): Promise<number> => {
    const swept = readSwept(await run(redis, SWEEP, [stream], [keepAtLeastMs]))
    if (swept === undefined) return 0
    counts?.swept(swept)
    for (const lost of countLost(swept, told)) {
      counts?.lost(lost)
      onLost?.(lost)
    }
    if (swept.trimmed > 0) onTrimmed?.(swept.trimmed)
    return swept.trimmed
  }
  const sweepAll = async (): Promise<void> => {
    let trimmed = 0
    do trimmed = await sweep()
    while (trimmed > 0 && !stopping.signal.aborted)
  }
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sweepAll().catch((error: Error) => onError?.(error))
      await wait(everyMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)
    }
  }
  const working = work()
  const close = async (): Promise<void> => {
    stopping.abort()
    await working
  }
  return { sweep, close, [Symbol.asyncDispose]: close }
}

function readSwept(reply: unknown): Swept | undefined {
  if (!Array.isArray(reply)) return undefined
  // A client may be told to read numbers as text.
  type Count = number | string
  const [trimmed, length, added, firstId, groups] = reply as [Count, Count, Count, string, [string, string, Count][]]
  const countOf = (count: Count) => (count === '' ? undefined : Number(count))
  return {
    trimmed: Number(trimmed),
    length: Number(length),
    added: countOf(added),
    firstId: firstId === '' ? undefined : firstId,
    groups: groups.map(([name, lastDelivered, read]) => ({
      name,
      lastDelivered,
      read: countOf(read),
    })),
  }
}
