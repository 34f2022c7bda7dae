import { setTimeout as wait } from 'node:timers/promises'
import type { RedisClient } from './client.ts'
import { checkId, type LetterFilter, type Letters, type Range, rangeOf, readPage } from './dead-letters.ts'
import { deadKey, retryKey } from './keys.ts'
import { NEWEST, SEND } from './letter-scripts.ts'
import { run } from './scripts.ts'

/**
 * What became of a letter: sent, under this id on the retry stream; gone, because somebody sent or discarded it before;
 * or empty and left where it is, because its entry had been trimmed before it could be parked.
 */
export type SentAgain =
  | { readonly outcome: 'sent'; readonly id: string }
  | { readonly outcome: 'gone' }
  | { readonly outcome: 'empty' }

/**
 * Puts one dead letter on its group's retry stream, with its own fields and under its first id, and removes it. Safe to
 * repeat: after a lost reply the letter is gone, and nothing is sent twice.
 */
export async function sendAgain(
  redis: RedisClient,
  { stream, group, id }: Letters & { readonly id: string },
): Promise<SentAgain> {
  const reply = await run(redis, SEND, [deadKey(stream, group), retryKey(stream, group)], [checkId(id)])
  const [outcome, sent] = reply as ['sent', string] | ['gone' | 'empty', undefined?]
  return outcome === 'sent' ? { outcome, id: sent } : { outcome }
}

export type SentCounts = { readonly sent: number; readonly gone: number; readonly empty: number }

export type ManyLetters = Letters & {
  readonly filter?: LetterFilter
  /** No more than so many. */
  readonly limit?: number
  /** Ends it after the letters in hand; the counts are answered as they are. */
  readonly signal?: AbortSignal
}

export type SendAllOptions = ManyLetters & {
  readonly perSecond?: number
  readonly onProgress?: (counts: SentCounts) => void
}

/**
 * Sends all dead letters again that stand there now and match, oldest first. One that fails once more is parked anew, and
 * left for another time. Safe to repeat after a failure: what was sent is gone.
 */
export async function sendAllAgain(redis: RedisClient, options: SendAllOptions): Promise<SentCounts> {
  const { perSecond = Number.POSITIVE_INFINITY, onProgress = () => undefined, signal } = options
  const counts = { sent: 0, gone: 0, empty: 0 }
  const isInTime = pace(perSecond, signal)
  for await (const ids of pagesOf(redis, options)) {
    // With a rate one at a time; without one, a page goes out together and keeps its order on the connection.
    const steps = Number.isFinite(perSecond) ? ids.map((id) => [id]) : [ids]
    for (const step of steps) {
      if (!(await isInTime())) return counts
      const outcomes = await Promise.all(step.map((id) => sendAgain(redis, { ...options, id })))
      for (const { outcome } of outcomes) counts[outcome]++
      onProgress({ ...counts })
    }
  }
  return counts
}

export type DiscardOptions =
  | (Letters & { readonly id: string })
  | (ManyLetters & { readonly id?: undefined; readonly onProgress?: (discarded: number) => void })

/** Removes one dead letter, or all that stand there now and match, and answers how many were removed. They are lost. */
export async function discard(redis: RedisClient, options: DiscardOptions): Promise<number> {
  const key = deadKey(options.stream, options.group)
  if (options.id !== undefined) return countIn(await redis.xdel(key, checkId(options.id)))
  let discarded = 0
  for await (const ids of pagesOf(redis, options)) {
    discarded += countIn(await redis.xdel(key, ...ids))
    options.onProgress?.(discarded)
  }
  return discarded
}

const PAGE_SIZE = 100

/** A client may be told to read numbers as text. */
function countIn(reply: number | string): number {
  return Number(reply)
}

/** The ids of the letters that match and stand there now, in pages: a million letters never are in memory together. */
async function* pagesOf(redis: RedisClient, options: ManyLetters): AsyncGenerator<string[]> {
  const { filter = {}, limit = Number.POSITIVE_INFINITY, signal } = options
  const range = await standingNow(redis, options, rangeOf(filter))
  let from = range.from
  let left = limit
  while (left > 0) {
    if (signal?.aborted) return
    const page = { wanted: Math.min(left, PAGE_SIZE), reason: filter.reason ?? '', isWhole: false }
    const { letters, goOn } = await readPage(redis, options, { ...page, from, to: range.to })
    if (letters.length > 0) yield letters.map(({ id }) => id)
    if (goOn === null) return
    left -= letters.length
    from = goOn
  }
}

/**
 * The range up to the newest letter in it. A letter that is sent and fails at once is parked behind the others: without
 * an end, it would be sent for ever.
 */
async function standingNow(redis: RedisClient, { stream, group }: Letters, range: Range): Promise<Range> {
  const newest = await run(redis, NEWEST, [deadKey(stream, group)], [range.from, range.to])
  // where there is none, what comes later is not part of it either
  return { ...range, to: typeof newest === 'string' ? newest : NOTHING }
}

const NOTHING = '0-0'

/** Waits for the next letter's turn; answers false when it was told to end. */
function pace(perSecond: number, signal: AbortSignal | undefined): () => Promise<boolean> {
  const start = performance.now()
  let turn = 0
  return async () => {
    const early = start + (turn++ * 1000) / perSecond - performance.now()
    if (early > 0) await wait(early, undefined, signal && { signal }).catch(() => undefined)
    return !signal?.aborted
  }
}
