import type { RedisClient } from './client.ts'
import { deadKey, retryKey } from './keys.ts'
import { run, script } from './scripts.ts'

/** Why a message was parked. */
export type DeadReason = 'contract_broken' | 'handler_error' | 'max_deliveries' | 'trimmed'

export type Parking = {
  readonly stream: string
  readonly group: string
  readonly consumer: string
  /** The entry's id where it is pending: in the stream, or on the group's retry stream when `originalId` is given. */
  readonly id: string
  readonly reason: DeadReason
  /** JSON of the findings, or the error's message. */
  readonly detail: string
  /** The id that an entry had in the stream, for one that came back over the group's retry stream and failed again. */
  readonly originalId?: string
  /** How often the entry was delivered before it was given up. */
  readonly attempts?: number
}

/**
 * Copies the entry on the server and only then acknowledges it, as one step: a second call, or one that lost its reply
 * and is sent again, finds nothing pending and adds nothing. Lua hands a command some 8,000 arguments at most; a larger
 * entry is kept whole as JSON in `_dead_fields`. What sending again had added to a retried entry is taken off, so that
 * its next dead letter is like its first.
 */
const PARK = script(`
local source, dead, group, id, isRetried = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3] == '1'
if #redis.call('XPENDING', source, group, id, id, 1) == 0 then return false end
local entry = redis.call('XRANGE', source, id, id)[1]
local fields, large = entry and entry[2] or {}, nil
if isRetried and fields[#fields - 1] == '_dead_fields' then
  fields, large = {}, fields[#fields]
elseif isRetried and fields[#fields - 1] == '_dead_id' then
  fields[#fields], fields[#fields - 1] = nil, nil
elseif #fields > 7000 then
  fields, large = {}, cjson.encode(fields)
end
local function add(name, value) fields[#fields + 1] = name; fields[#fields + 1] = value end
for i = 4, #ARGV, 2 do add(ARGV[i], ARGV[i + 1]) end
local now = redis.call('TIME')
add('_dead_at', string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000)))
if large then add('_dead_fields', large) end
local parked = redis.call('XADD', dead, '*', unpack(fields))
redis.call('XACK', source, group, id)
if isRetried then redis.call('XDEL', source, id) end
return parked
`)

/** Parks one pending entry, whole, in its group's dead letters. Returns the dead letter's id, or null when nothing was pending. */
export async function park(redis: RedisClient, parking: Parking): Promise<string | null> {
  const { stream, group, consumer, id, reason, detail, originalId, attempts } = parking
  const about = {
    _dead_reason: reason,
    _dead_id: originalId ?? id,
    _dead_findings: detail,
    _dead_stream: stream,
    _dead_group: group,
    _dead_consumer: consumer,
    ...(attempts !== undefined && { _dead_attempts: String(attempts) }),
  }
  const isRetried = originalId !== undefined
  const source = isRetried ? retryKey(stream, group) : stream
  const args = [group, id, isRetried ? '1' : '0', ...Object.entries(about).flat()]
  const reply = await run(redis, PARK, [source, deadKey(stream, group)], args)
  return typeof reply === 'string' ? reply : null
}
