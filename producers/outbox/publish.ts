import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Redis } from 'ioredis'
import { inTime, run, script, sentKey } from '../../streams/index.ts'
import type { ReplicaWait } from '../append.ts'
import type { Batch } from './store.ts'

export type Press = {
  readonly redis: Redis | Cluster
  /** The outbox's name. */
  readonly outbox: string
  readonly wait: ReplicaWait | undefined
  readonly timeoutMs: number
}

/** Without `passedBy` all of the batch stands in the stream; with it, Redis has seen a batch of that number, and nothing was written. */
export type Published = { readonly passedBy?: number }

/**
 * The lane's mark is its latest batch: number, nonce and how many of its entries are written. A batch that is the mark's
 * goes on from there, a later one takes its place, and any other writes nothing, however late it comes. The mark is set
 * before the first XADD: whatever forbids to keep it must forbid to write. It stands in the stream's slot and never
 * expires, so that it is restored, or lost, together with the stream.
 */
const PUBLISH = script(`
local stream, key = KEYS[1], KEYS[2]
local number, nonce, done = ARGV[1], ARGV[2], 0
local mark = redis.call('GET', key)
if mark then
  local last, of, written = string.match(mark, '^(%d+) (%S+) (%d+)$')
  if last == number and of == nonce then done = tonumber(written)
  elseif tonumber(last) >= tonumber(number) then return { 'passed', last } end
end
local entries, failure = cjson.decode(ARGV[3]), nil
local function keep() redis.call('SET', key, number .. ' ' .. nonce .. ' ' .. done) end
keep()
local command = { 'XADD', stream, '*' }
for i = done + 1, #entries do
  local entry = entries[i]
  local size = #entry
  for j = 1, size do command[3 + j] = entry[j] end
  local id = redis.pcall(unpack(command, 1, 3 + size))
  if type(id) == 'table' then failure = id.err break end
  done = i
end
keep()
return { failure or 'written', tostring(done) }
`)

/** Writes a batch, unless it is written. Rejects where that is not known, or Redis will not: calling again is harmless. */
export async function publish({ redis, outbox, wait, timeoutMs }: Press, batch: Batch): Promise<Published> {
  const { number, nonce, entries } = batch
  await connected(redis, timeoutMs)
  const stream = streamOf(batch)
  const keys = [stream, sentKey(stream, `outbox.${outbox}.${batch.lane}`)]
  const args = [number, nonce, entries]
  const call = wait ? runAndWait(redis, { keys, args }, wait) : run(redis, PUBLISH, keys, args)
  const reply = await inTime(call, timeoutMs)
  const [outcome, count] = Array.isArray(reply) ? reply.map(String) : []
  if (outcome === 'passed') return { passedBy: Number(count) }
  if (outcome !== 'written') throw new Error(outcome ?? `The script answered ${JSON.stringify(reply)}`)
  return {}
}

/** What is handed to a client that is not connected waits there, and in a long outage one copy would come upon another. */
async function connected(redis: Redis | Cluster, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (redis.status !== 'ready' && redis.status !== 'wait') {
    if (redis.status === 'end' || performance.now() > deadline)
      throw new Error(`Redis is not reachable (${redis.status})`)
    await sleep(10)
  }
}

/** The stream of a channel on any bus. */
export function streamOf({ channel }: Pick<Batch, 'channel'>): string {
  return channel.slice(Math.max(channel.indexOf(':'), channel.indexOf('/')) + 1)
}

/** `stream:votes` is on the default bus, `stream:cache/votes` on that of the name. */
export function busOf({ channel }: Pick<Batch, 'channel'>): string {
  const end = channel.indexOf('/')
  return end < 0 ? 'default' : channel.slice('stream:'.length, end)
}

type Call = { readonly keys: readonly string[]; readonly args: readonly (string | number)[] }

/** WAIT speaks of the writes of its own connection, so that it goes in one pipeline with the script. */
async function runAndWait(
  redis: Redis | Cluster,
  { keys, args }: Call,
  { replicas, timeoutMs }: ReplicaWait,
): Promise<unknown> {
  const through = (command: 'evalsha' | 'eval', name: string) => {
    const pipeline = redis.pipeline()
    pipeline[command](name, keys.length, ...keys, ...args)
    return pipeline.wait(replicas, timeoutMs).exec()
  }
  let results = await through('evalsha', PUBLISH.sha)
  if (results?.[0]?.[0]?.message.startsWith('NOSCRIPT')) results = await through('eval', PUBLISH.text)
  const [[failed, reply] = [], [notWaited, reached] = []] = results ?? []
  for (const error of [failed, notWaited]) if (error) throw error
  if (Number(reached) >= replicas) return reply
  throw new Error(`REPLICAS ${Number(reached)} of ${replicas} had the entries after ${timeoutMs} ms`)
}
