import type { Redis } from 'ioredis'
import type { Pool } from 'pg'
import { deadKey } from '../../streams/index.ts'
import { entriesIn, type Fields } from './entries.ts'

export type EffectsAccount = {
  /** Messages whose transactions were committed. */
  readonly committed: number
  readonly published: number
  readonly effects: number
  readonly parked: number
  readonly notPublished: readonly string[]
  readonly publishedTwice: readonly string[]
  readonly rolledBackAndPublished: readonly string[]
  /** Published before another of its key that was committed earlier. */
  readonly outOfOrder: readonly string[]
  readonly withoutEffect: readonly string[]
  readonly effectTwice: readonly string[]
  readonly effectAndParked: readonly string[]
  readonly parkedTwice: readonly string[]
  readonly leftInOutbox: number
  readonly stillPending: number
}

export type Place = { readonly redis: Redis; readonly pool: Pool; readonly stream: string; readonly group: string }

/** Compares what the database had committed with what the stream, the effects and the dead letters hold. */
export async function makeEffectsAccount({ redis, pool, stream, group }: Place): Promise<EffectsAccount> {
  const names = async (table: string) => (await pool.query(`select name from ${table}`)).rows.map(({ name }) => name)
  const [committed, effects] = [new Set(await names('added')), countEach(await names('effects'))]
  const entries = await entriesIn(redis, stream)
  const published = countEach(entries.map(([, { name = '' }]) => name))
  const byId = new Map(entries.map(([id, { name = '' }]) => [id, name]))
  const letters = (await entriesIn(redis, deadKey(stream, group))).map(([, { _dead_id = '' }]) => byId.get(_dead_id))
  const parked = countEach(letters.map(String))
  const [pending] = (await redis.xpending(stream, group)) as [number]
  const { rows } = await pool.query('select count(*)::int as count from concordat_outbox')
  const all = [...committed]
  return {
    committed: committed.size,
    published: published.size,
    effects: effects.size,
    parked: parked.size,
    notPublished: all.filter((name) => !published.has(name)),
    publishedTwice: twice(published),
    rolledBackAndPublished: [...published.keys()].filter((name) => !committed.has(name)),
    outOfOrder: outOfOrder(entries.map(([, fields]) => fields)),
    withoutEffect: all.filter((name) => !effects.has(name) && !parked.has(name)),
    effectTwice: twice(effects),
    effectAndParked: [...parked.keys()].filter((name) => effects.has(name)),
    parkedTwice: twice(parked),
    leftInOutbox: rows[0].count,
    stillPending: pending,
  }
}

export function areEffectsInOrder({ leftInOutbox, stillPending, ...account }: EffectsAccount): boolean {
  return (
    leftInOutbox === 0 &&
    stillPending === 0 &&
    Object.values(account).every((told) => !Array.isArray(told) || told.length === 0)
  )
}

function countEach(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

function twice(counts: ReadonlyMap<string, number>): string[] {
  return [...counts].filter(([, count]) => count > 1).map(([name]) => name)
}

/** The numbers of one key only rise: its transactions followed each other. */
function outOfOrder(entries: readonly Fields[]): string[] {
  const highest = new Map<string, number>()
  return entries.flatMap(({ name = '', number = '', _k = '' }) => {
    const isLate = Number(number) <= (highest.get(_k) ?? -1)
    highest.set(_k, Math.max(Number(number), highest.get(_k) ?? -1))
    return isLate ? [`${name} (${_k})`] : []
  })
}
