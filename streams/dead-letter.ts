import type { Redis } from 'ioredis'
import { deadKey } from './keys.ts'

/** Why a message was parked. */
export type DeadReason = 'contract_broken' | 'handler_error' | 'trimmed'

export type Parking = {
  readonly stream: string
  readonly group: string
  readonly consumer: string
  readonly id: string
  readonly reason: DeadReason
  /** JSON of the findings, or the error's message. */
  readonly detail: string
}

/**
 * Copies the entry on the server and only then acknowledges it, as one step: a second call, or one that lost its reply
 * and is sent again, finds nothing pending and adds nothing. Lua hands a command some 8,000 arguments at most; a larger
 * entry is kept whole as JSON in `_dead_fields`.
 */
const PARK = `
local stream, dead, group, id = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
if #redis.call('XPENDING', stream, group, id, id, 1) == 0 then return false end
local entry = redis.call('XRANGE', stream, id, id)[1]
local fields = entry and entry[2] or {}
if #fields > 7000 then fields = { '_dead_fields', cjson.encode(fields) } end
for i = 3, #ARGV do fields[#fields + 1] = ARGV[i] end
local now = redis.call('TIME')
fields[#fields + 1] = '_dead_at'
fields[#fields + 1] = string.format('%d', now[1] * 1000 + math.floor(now[2] / 1000))
local parked = redis.call('XADD', dead, '*', unpack(fields))
redis.call('XACK', stream, group, id)
return parked
`

/** Parks one pending entry, whole, in its group's dead letters. Returns the dead letter's id, or null when nothing was pending. */
export async function park(
  redis: Redis,
  { stream, group, consumer, id, reason, detail }: Parking,
): Promise<string | null> {
  const about = {
    _dead_reason: reason,
    _dead_id: id,
    _dead_findings: detail,
    _dead_stream: stream,
    _dead_group: group,
    _dead_consumer: consumer,
  }
  const reply = await redis.eval(PARK, 2, stream, deadKey(stream, group), group, id, ...Object.entries(about).flat())
  return typeof reply === 'string' ? reply : null
}
