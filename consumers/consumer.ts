import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { compileDecode, type Decode, type Finding, type Message, type StreamContract } from '../contracts/index.ts'
import { type DeadReason, type Entry, park } from '../streams/index.ts'
import { acknowledge, ensureGroup, type Member, type ReadEntry, read } from './group.ts'

export type ConsumerOptions<M> = {
  readonly group: string
  /** Takes one message and the whole entry beside it. The entry is acknowledged when this returns, parked when it throws. */
  readonly handle: (message: M, entry: Entry) => Promise<void> | void
  /** This process's name in the group, the same after a restart; the host's name unless given. */
  readonly consumer?: string
  /** How long one read waits for new entries. */
  readonly blockMs?: number
  /** Told of every message that was parked. */
  readonly onParked?: (parked: Parked) => void
  /** Told of every failure that the consumer survives by itself, such as a lost connection. */
  readonly onError?: (error: Error) => void
}

export type Parked = { readonly id: string; readonly reason: DeadReason; readonly findings: readonly Finding[] }

/** A running consumer. Closing lets the message in hand finish, acknowledges it and leaves the rest to the next start. */
export type Consumer = AsyncDisposable & { readonly close: () => Promise<void> }

/**
 * The guard on the reading side of a stream: messages that keep the contract reach `handle`, in order and at least once;
 * one that breaks it is parked whole in the group's dead letters, and the consumer goes on. Starts at once.
 */
export function consumer<C extends StreamContract>(
  redis: Redis,
  contract: C,
  options: ConsumerOptions<Message<C>>,
): Consumer {
  const { group, handle, consumer: name = hostname(), blockMs = 2000, onParked, onError } = options
  const reader = redis.duplicate({ maxRetriesPerRequest: null })
  const stopping = new AbortController()
  const loop: Loop = {
    redis,
    reader,
    member: { stream: contract.stream, group, consumer: name },
    decode: compileDecode(contract),
    handle: handle as Loop['handle'],
    blockMs,
    signal: stopping.signal,
    onParked: onParked ?? (() => undefined),
    onError: onError ?? (() => undefined),
  }
  const running = run(loop)
  const close = async (): Promise<void> => {
    stopping.abort()
    // ends a read that waits; what the server hands out at that moment stays pending and is read at the next start
    reader.disconnect()
    await running
  }
  return { close, [Symbol.asyncDispose]: close }
}

type Loop = {
  readonly redis: Redis
  readonly reader: Redis
  readonly member: Member
  readonly decode: Decode
  readonly handle: (message: unknown, entry: Entry) => Promise<void> | void
  readonly blockMs: number
  readonly signal: AbortSignal
  readonly onParked: (parked: Parked) => void
  readonly onError: (error: Error) => void
}

/**
 * Own pending entries come first, after every connection and every failure: an answer that was lost on the way leaves
 * its entries there, and nothing else would ever bring them back.
 */
async function run(loop: Loop): Promise<void> {
  const { reader, redis, member, signal, blockMs, onError } = loop
  let which: 'own' | 'new' = 'own'
  let failures = 0
  reader.on('ready', () => (which = 'own'))
  reader.on('error', onError)
  let hasGroup = false
  while (!signal.aborted) {
    try {
      if (!hasGroup) await ensureGroup(redis, member)
      hasGroup = true
      const asked: 'own' | 'new' = which
      const entries = await read(reader, member, asked, blockMs)
      if (asked === 'own' && entries.length === 0) which = 'new'
      await settle(loop, entries)
      failures = 0
    } catch (error) {
      hasGroup = false
      which = 'own'
      if (signal.aborted) return
      onError(error as Error)
      await pause(failures++, signal)
    }
  }
}

/** Handles a batch in order; acknowledges what was handled even when the rest has to wait. */
async function settle(loop: Loop, entries: readonly ReadEntry[]): Promise<void> {
  const done: string[] = []
  try {
    for (const entry of entries) {
      if (loop.signal.aborted) break
      if (await takeIn(loop, entry)) done.push(entry.id)
    }
  } finally {
    await acknowledge(loop.redis, loop.member, done)
  }
}

/** Whether the entry was handled; if not, it was parked. */
async function takeIn(loop: Loop, { id, fields }: ReadEntry): Promise<boolean> {
  if (fields === undefined) return parkEntry(loop, { id, reason: 'trimmed', findings: [] }, '')
  const { message, findings } = loop.decode(fields)
  if (findings) return parkEntry(loop, { id, reason: 'contract_broken', findings }, JSON.stringify(findings))
  try {
    await loop.handle(message, { id, fields })
    return true
  } catch (error) {
    return parkEntry(
      loop,
      { id, reason: 'handler_error', findings: [] },
      error instanceof Error ? error.message : String(error),
    )
  }
}

async function parkEntry({ redis, member, onParked }: Loop, parked: Parked, detail: string): Promise<false> {
  await park(redis, { ...member, id: parked.id, reason: parked.reason, detail })
  onParked(parked)
  return false
}

const LONGEST_PAUSE_MS = 5000

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE_MS, 50 * 2 ** failures)
  await wait(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined)
}
