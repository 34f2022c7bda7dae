import type { Redis } from 'ioredis'
import { type DeadReason, park } from '../../streams/index.ts'
import { uniqueName } from './stream.ts'

export type Written = {
  readonly fields: readonly string[]
  readonly reason?: DeadReason
  readonly detail?: string
  readonly attempts?: number
}

export const GROUP = 'tally'

/** A stream whose group `tally` could not take these entries, in this order; answers their ids in the stream. */
export async function parked(
  redis: Redis,
  letters: readonly Written[],
): Promise<{ readonly stream: string; readonly group: string; readonly ids: readonly string[] }> {
  const stream = uniqueName('votes')
  await redis.xgroup('CREATE', stream, GROUP, '0', 'MKSTREAM')
  const ids: string[] = []
  for (const { fields, reason = 'contract_broken', detail = '[]', attempts } of letters) {
    const id = String(await redis.xadd(stream, '*', ...fields))
    await redis.xreadgroup('GROUP', GROUP, 'one', 'STREAMS', stream, '>')
    const counted = attempts === undefined ? {} : { attempts }
    await park(redis, { stream, group: GROUP, consumer: 'one', id, reason, detail, ...counted })
    ids.push(id)
  }
  return { stream, group: GROUP, ids }
}

/** Votes numbered from 0. */
export function votes(count: number, written: Omit<Written, 'fields'> = {}): Written[] {
  return Array.from({ length: count }, (_, i) => ({ ...written, fields: ['option', 'dogs', 'number', String(i)] }))
}
