import type { Cluster, Redis } from 'ioredis'
import { run, script, sentKey } from '../streams/index.ts'

/** Entries that are written together, under one token. */
export type Parcel = {
  readonly stream: string
  readonly token: string
  readonly entries: readonly (readonly string[])[]
}

/** Asks that so many replicas have the entries before they count as sent. */
export type ReplicaWait = { readonly replicas: number; readonly timeoutMs: number }

export type AppendOptions = {
  readonly tokenTtlMs: number
  readonly wait?: ReplicaWait | undefined
  /** Brings the script along: an answer that Redis does not know it may have been lost like any other. */
  readonly isRepeat?: boolean
  /** Told how many of the entries stood there already, from a call whose answer was lost or is still to come. */
  readonly onRepeated?: ((entries: number) => void) | undefined
}

/**
 * The ids of what stands in the stream, in order; with `failure`, which is Redis's own word, these are not all. Of them
 * `repeated` stood there before.
 */
export type Appended = { readonly ids: readonly string[]; readonly failure?: string; readonly repeated: number }

/**
 * The token's key holds what was written under it, as runs `id+count` of ids that follow each other, so that a batch of
 * any size takes a few bytes. It is claimed before the first XADD: whatever forbids to keep it must forbid to write. A
 * failure in the middle is kept too, and the next call goes on from there. A token `batch~7` is one message of a batch
 * that was shared: its id is looked up in the batch, and otherwise the batch is sealed, so that a copy of it that still
 * wanders through the network writes nothing more. A third value of the answer, on a repeat only, says how many entries
 * stood there already.
 *
 * The entries come as JSON in runs of the same field names, [fields, name…, value…]: one argument is read several times
 * faster than thousands.
 */
const APPEND = script(`
local stream, key, shared = KEYS[1], KEYS[2], KEYS[3]
local ttl, total, place = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])

local function split(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return ms, tonumber(seq)
end

if shared then
  local kept, before = redis.call('GET', shared) or '', 0
  for id, count in string.gmatch(kept, '(%d+%-%d+)%+(%d+)') do
    if place < before + count then
      redis.call('PEXPIRE', shared, ttl)
      if tonumber(count) == 1 then return { id .. '+1', false, 1 } end
      local ms, seq = split(id)
      return { ms .. '-' .. string.format('%.0f', seq + place - before) .. '+1', false, 1 }
    end
    before = before + count
  end
  if not string.find(kept, 'sealed', 1, true) then kept = kept .. ' sealed' end
  redis.call('SET', shared, kept, 'PX', ttl)
end

local kept, done = redis.call('GET', key), 0
if kept then
  for count in string.gmatch(kept, '%+(%d+)') do done = done + count end
end
if done >= total then
  redis.call('PEXPIRE', key, ttl)
  return { kept, false, done }
end
if kept and string.find(kept, 'sealed', 1, true) then
  return { kept, 'SEALED a message of this batch was sent again by its own token' }
end
redis.call('SET', key, kept or '', 'PX', ttl)

local ids, failure, count = {}, nil, 0
local pcall, unpack, type = redis.pcall, unpack, type
local function append(runs)
  local skip = done
  for r = 1, #runs do
    local values = runs[r]
    local fields = values[1]
    local size, command = 3 + 2 * fields, { 'XADD', stream, '*' }
    for j = 1, fields do command[2 + 2 * j] = values[1 + j] end
    for i = 2 + fields, #values, fields do
      if skip > 0 then
        skip = skip - 1
      else
        local value = i
        for j = 5, size, 2 do
          command[j] = values[value]
          value = value + 1
        end
        local id = pcall(unpack(command, 1, size))
        if type(id) == 'table' then
          failure = id.err
          return
        end
        count = count + 1
        ids[count] = id
      end
    end
  end
end
append(cjson.decode(ARGV[3]))

-- ids follow each other within a millisecond of the clock, which may move on while the script runs
local function follow(first, last)
  local ms, seq = split(ids[first])
  local lastMs, lastSeq = split(ids[last])
  return ms == lastMs and lastSeq < 2 ^ 53 and lastSeq - seq == last - first
end
local from, runs = 1, {}
while from <= count do
  local to, beyond = from, count + 1
  if follow(from, count) then to = count end
  while to < count and beyond - to > 1 do
    local middle = math.floor((to + beyond) / 2)
    if follow(from, middle) then to = middle else beyond = middle end
  end
  runs[#runs + 1] = ids[from] .. '+' .. (to - from + 1)
  from = to + 1
end
if count > 0 then
  if kept and kept ~= '' then table.insert(runs, 1, kept) end
  kept = table.concat(runs, ' ')
  redis.call('SET', key, kept, 'PX', ttl)
end
if done > 0 then return { kept, failure or false, done } end
return { kept or '', failure }
`)

/** The token of one message of a batch that concurrent sends shared. Nobody else's token looks like this. */
const SHARED = /^([0-9a-f-]{36}\.\d+)~(\d+)$/

/**
 * Writes the entries in order and answers their ids. Called again with the same token it writes only what is not there
 * yet. Rejects where Redis does not answer: what was written is unknown then.
 */
export async function append(redis: Redis | Cluster, parcel: Parcel, options: AppendOptions): Promise<Appended> {
  const { stream, token, entries } = parcel
  const shared = SHARED.exec(token)
  const keys = [stream, sentKey(stream, token)]
  const args = [options.tokenTtlMs, entries.length, JSON.stringify(runsOf(entries))]
  if (shared) {
    keys.push(sentKey(stream, shared[1] ?? ''))
    args.push(shared[2] ?? '')
  }
  const call: Call = { keys, args, isRepeat: options.isRepeat ?? false }
  const appended = await (options.wait ? runAndWait(redis, call, options.wait) : runOnce(redis, call))
  // A token of other messages answers with theirs.
  if (appended.repeated > 0 && appended.ids.length <= entries.length) options.onRepeated?.(appended.repeated)
  return appended
}

async function runOnce(redis: Redis | Cluster, { keys, args, isRepeat }: Call): Promise<Appended> {
  return readReply(
    await (isRepeat ? redis.eval(APPEND.text, keys.length, ...keys, ...args) : run(redis, APPEND, keys, args)),
  )
}

type Call = {
  readonly keys: readonly string[]
  readonly args: readonly (string | number)[]
  readonly isRepeat: boolean
}

type Run = (string | number)[]

/** Entries that follow each other with the same names in the same order say these once. */
function runsOf(entries: readonly (readonly string[])[]): Run[] {
  const runs: Run[] = []
  let names: readonly string[] = []
  let last: Run = []
  for (const entry of entries) {
    if (!hasNamesOf(entry, names)) {
      names = entry
      last = [entry.length / 2]
      for (let i = 0; i < entry.length; i += 2) last.push(entry[i] as string)
      runs.push(last)
    }
    for (let i = 1; i < entry.length; i += 2) last.push(entry[i] as string)
  }
  return runs
}

function hasNamesOf(entry: readonly string[], other: readonly string[]): boolean {
  if (entry.length !== other.length) return false
  for (let i = 0; i < entry.length; i += 2) if (entry[i] !== other[i]) return false
  return true
}

/**
 * WAIT speaks of the writes of its own connection, so it goes in one pipeline with the script, which ioredis never
 * resends by half; and the script writes even when it finds its work done.
 */
async function runAndWait(
  redis: Redis | Cluster,
  { keys, args, isRepeat }: Call,
  { replicas, timeoutMs }: ReplicaWait,
): Promise<Appended> {
  const through = async (command: 'evalsha' | 'eval', name: string) => {
    const pipeline = redis.pipeline()
    pipeline[command](name, keys.length, ...keys, ...args)
    return pipeline.wait(replicas, timeoutMs).exec()
  }
  let results = isRepeat ? undefined : await through('evalsha', APPEND.sha)
  if (isRepeat || results?.[0]?.[0]?.message.startsWith('NOSCRIPT')) results = await through('eval', APPEND.text)
  const [[failed, reply] = [], [notWaited, reached] = []] = results ?? []
  for (const error of [failed, notWaited]) if (error) throw error
  const appended = readReply(reply)
  if (appended.failure !== undefined) return { ...appended, ids: [] }
  if (Number(reached) >= replicas) return appended
  throw new Error(`REPLICAS ${Number(reached)} of ${replicas} had the entries after ${timeoutMs} ms`)
}

function readReply(reply: unknown): Appended {
  const [runs, failure, repeated = 0] = Array.isArray(reply) ? reply : []
  if (typeof runs !== 'string') throw new Error(`The script answered ${JSON.stringify(reply)}`)
  const ids = idsOf(runs)
  return { ids, repeated: Number(repeated), ...(typeof failure === 'string' && { failure }) }
}

/** `7-0+2 9-0+1` is 7-0, 7-1 and 9-0. */
function idsOf(runs: string): string[] {
  const ids: string[] = []
  for (const [, ms, seq, count] of runs.matchAll(/(\d+)-(\d+)\+(\d+)/g)) {
    if (count === '1') ids.push(`${ms}-${seq}`)
    else for (let i = 0; i < Number(count); i++) ids.push(`${ms}-${Number(seq) + i}`)
  }
  return ids
}
