import type { Redis } from 'ioredis'
import { explain } from '../../contracts/explain.ts'
import { readSchema } from '../../contracts/schema/read.ts'
import { compileDecode, type Decode } from '../../contracts/wire/codec.ts'
import type { EntryReply } from '../../streams/entry.ts'
import type { DeclaredContract } from '../config/declared.ts'

/** What a candidate reads, and by which name its consumer group goes. */
export type Reader = {
  readonly service: string
  readonly version: string
  readonly group: string
  readonly contracts: readonly DeclaredContract[]
}

/** What was found among the messages of a stream that a group has not read yet. It is evidence, and no proof. */
export type Scanned = {
  readonly channel: string
  readonly service: string
  readonly version: string
  readonly group: string
  /** Without its group, all that stands on the stream is before it. */
  readonly hasGroup: boolean
  /** How many messages were looked at, and whether those were all. */
  readonly looked: number
  readonly isWhole: boolean
  readonly refused: number
  /** Why, in words, and how often; places and kinds, and no values. */
  readonly reasons: readonly { readonly words: string; readonly messages: number }[]
  /** The first that is refused. */
  readonly firstId?: string
  readonly origin?: string
}

/** The streams of a reader that lie in the Redis that is asked; other buses are other Redis deployments. */
export function scannable({ contracts }: Reader): DeclaredContract[] {
  return contracts.filter(({ channel, direction }) => direction === 'reads' && /^stream:[^/]+$/.test(channel))
}

/** Holds a bounded sample of what a group has not read against what it is going to read. */
export async function scanBacklog(redis: Redis, reader: Reader, contract: DeclaredContract): Promise<Scanned> {
  const { service, version, group } = reader
  const stream = contract.channel.slice('stream:'.length)
  const { entries, hasGroup, isWhole } = await sampleUnread(redis, stream, group)
  const decode = decoderOf(contract, stream)
  const refusals = entries.flatMap(([id, fields]) => {
    const { findings } = decode(fields ?? [])
    return findings ? [{ id, words: new Set(findings.map(explain)) }] : []
  })
  const [first] = refusals
  return {
    channel: contract.channel,
    service,
    version,
    group,
    hasGroup,
    looked: entries.length,
    isWhole,
    refused: refusals.length,
    reasons: countReasons(refusals.flatMap(({ words }) => [...words])),
    ...(first && { firstId: first.id }),
    ...(contract.origin !== undefined && { origin: contract.origin }),
  }
}

function decoderOf(
  { channel, schema, encoding = 'fields', field = 'data', headers = 'off' }: DeclaredContract,
  stream: string,
): Decode {
  const read = readSchema(schema)
  if (!read.schema) throw new TypeError(`What is read of ${stream} is no schema, though the registry has taken it.`)
  return compileDecode({ channel, schema: read.schema, encoding, field, headers })
}

const MOST_REASONS = 10

function countReasons(words: readonly string[]): Scanned['reasons'] {
  const counts = Map.groupBy(words, (one) => one)
  return [...counts]
    .map(([one, all]) => ({ words: one, messages: all.length }))
    .sort((a, b) => b.messages - a.messages)
    .slice(0, MOST_REASONS)
}

/** Messages from the beginning and from the end, where there are more than these two samples. */
const SAMPLE = 500
const PAGE = 50
const MOST_BYTES = 32 * 1024 * 1024

type Sample = { readonly entries: readonly EntryReply[]; readonly hasGroup: boolean; readonly isWhole: boolean }

async function sampleUnread(redis: Redis, stream: string, group: string): Promise<Sample> {
  const last = await lastDelivered(redis, stream, group)
  const pending = last === undefined ? [] : await readPending(redis, stream, group)
  const from = last === undefined ? '-' : `(${last}`
  const oldest = await readPages((start, count) => redis.xrange(stream, start, '+', 'COUNT', count), from)
  const edge = oldest.at(-1)?.[0]
  const isWhole =
    oldest.length < SAMPLE &&
    (edge === undefined || (await redis.xrange(stream, `(${edge}`, '+', 'COUNT', 1)).length === 0)
  const newest = isWhole
    ? []
    : await readPages(
        (end, count) => redis.xrevrange(stream, end, edge === undefined ? '-' : `(${edge}`, 'COUNT', count),
        '+',
      )
  return { entries: [...pending, ...oldest, ...newest.toReversed()], hasGroup: last !== undefined, isWhole }
}

/** The id up to which the group was handed entries; undefined where there is no such group, or no stream. */
async function lastDelivered(redis: Redis, stream: string, group: string): Promise<string | undefined> {
  if ((await redis.exists(stream)) === 0) return undefined
  const groups = (await redis.xinfo('GROUPS', stream)) as readonly unknown[][]
  const mine = groups.map((about) => named(about)).find(({ name }) => name === group)
  return mine?.['last-delivered-id']
}

function named(list: readonly unknown[]): { readonly [name: string]: string } {
  const pairs = list.flatMap((name, i): [string, string][] =>
    i % 2 === 0 ? [[String(name), String(list[i + 1])]] : [],
  )
  return Object.fromEntries(pairs)
}

async function readPending(redis: Redis, stream: string, group: string): Promise<EntryReply[]> {
  const pending = (await redis.xpending(stream, group, '-', '+', PAGE)) as readonly (readonly [string, ...unknown[]])[]
  const read = await Promise.all(pending.map(([id]) => redis.xrange(stream, id, id)))
  return read.flat()
}

/** Reads in small pages, since a message may be large; each page begins behind the last entry of the one before. */
async function readPages(
  read: (from: string, count: number) => Promise<EntryReply[]>,
  from: string,
): Promise<EntryReply[]> {
  const entries: EntryReply[] = []
  let [next, bytes] = [from, 0]
  while (entries.length < SAMPLE && bytes < MOST_BYTES) {
    const page = await read(next, PAGE)
    entries.push(...page)
    bytes += page.reduce((sum, [, fields]) => sum + (fields ?? []).reduce((length, text) => length + text.length, 0), 0)
    const last = page.at(-1)?.[0]
    if (page.length < PAGE || last === undefined) break
    next = `(${last}`
  }
  return entries
}
