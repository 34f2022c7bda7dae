import { type RedisClient, run, script } from '../streams/index.ts'
import { type Member, sourcesOf } from './group.ts'

/** One step, so that no entry is handed out between looking and removing: with its consumer a pending entry would vanish. */
const RETIRE = script(`
local group, consumer, pending = ARGV[1], ARGV[2], 0
local function groupIsAt(key)
  if redis.call('EXISTS', key) == 0 then return false end
  for _, about in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    if about[2] == group then return true end
  end
  return false
end
for _, key in ipairs(KEYS) do
  if groupIsAt(key) then
    for _, about in ipairs(redis.call('XPENDING', key, group)[4] or {}) do
      if about[1] == consumer then pending = pending + tonumber(about[2]) end
    end
  end
end
if pending > 0 then return pending end
for _, key in ipairs(KEYS) do
  if groupIsAt(key) then redis.call('XGROUP', 'DELCONSUMER', key, group, consumer) end
end
return 0
`)

/** `pending` entries stand against it: start the consumer once more, or wait until another one has taken them over. */
export type Retirement = { readonly isRetired: boolean; readonly pending: number }

/** Removes a consumer's name from its group, unless something is pending under it. */
export async function retire(redis: RedisClient, member: Member): Promise<Retirement> {
  const keys = sourcesOf(member).map(({ key }) => key)
  const pending = Number(await run(redis, RETIRE, keys, [member.group, member.consumer]))
  return { isRetired: pending === 0, pending }
}
