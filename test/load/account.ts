import type { Redis } from 'ioredis'
import type { Client } from 'pg'
import { requestIdOf } from '../../examples/voting/vote-api/request-id.ts'
import { deadKey, fieldsOf } from '../../streams/index.ts'
import type { Told } from './clients.ts'

/** What the clients were told, held against what the stream and the database have. */
export type LoadAccount = {
  readonly accepted: number
  readonly counted: number
  /** How many entries the accepted votes have: one that was sent again may have more than one. */
  readonly entries: number
  readonly acceptedNotCounted: readonly string[]
  readonly countedNotAccepted: readonly string[]
  /** The options whose sum in the table is not that of the accepted votes. */
  readonly wrongSums: readonly string[]
  /** The keys whose 201 named an entry that is not in the stream, or is another's. */
  readonly untrueAnswers: readonly string[]
  readonly wrongAnswers: readonly string[]
  readonly parked: number
}

export type Place = { readonly redis: Redis; readonly database: Client }

const STREAM = 'votes'
const GROUP = 'tally'

export async function makeLoadAccount({ redis, database }: Place, { accepted, wrong }: Told): Promise<LoadAccount> {
  const keys = new Map([...accepted.keys()].map((key) => [requestIdOf(key), key]))
  const { rows: counted } = await database.query<{ request_id: string }>('select request_id from counted')
  const requests = new Set(counted.map(({ request_id }) => request_id))
  const written = await requestsById(redis)
  return {
    accepted: accepted.size,
    counted: requests.size,
    entries: written.size,
    acceptedNotCounted: [...keys].filter(([request]) => !requests.has(request)).map(([, key]) => key),
    countedNotAccepted: [...requests].filter((request) => !keys.has(request)),
    wrongSums: await wrongSums(database, accepted),
    untrueAnswers: [...accepted]
      .filter(([key, { streamId }]) => written.get(streamId) !== requestIdOf(key))
      .map(([key]) => key),
    wrongAnswers: wrong,
    parked: await redis.xlen(deadKey(STREAM, GROUP)),
  }
}

export function isLoadInOrder(account: LoadAccount): boolean {
  const { acceptedNotCounted, countedNotAccepted, wrongSums: sums, untrueAnswers, wrongAnswers, parked } = account
  const faults = [acceptedNotCounted, countedNotAccepted, sums, untrueAnswers, wrongAnswers]
  return parked === 0 && faults.every(({ length }) => length === 0)
}

/** Nothing unread and nothing pending. */
export async function isReadToItsEnd(redis: Redis): Promise<boolean> {
  const groups = (await redis.xinfo('GROUPS', STREAM)) as unknown[][]
  const about = groups.find((each) => each.includes(GROUP)) ?? []
  const [last] = await redis.xrevrange(STREAM, '+', '-', 'COUNT', 1)
  return about[about.indexOf('pending') + 1] === 0 && about[about.indexOf('last-delivered-id') + 1] === last?.[0]
}

async function wrongSums(database: Client, accepted: Told['accepted']): Promise<string[]> {
  const { rows } = await database.query<{ option: string; count: string }>('select option, count from votes')
  const sums = new Map(rows.map(({ option, count }) => [option, Number(count)]))
  const expected = Map.groupBy(accepted.values(), ({ option }) => option)
  return [...new Set([...sums.keys(), ...expected.keys()])]
    .map((option) => ({ option, is: sums.get(option) ?? 0, ought: (expected.get(option as 'cats') ?? []).length }))
    .filter(({ is, ought }) => is !== ought)
    .map(({ option, is, ought }) => `${option}: ${is} counted, ${ought} accepted`)
}

/** The request of each entry of the stream, by the entry's id. */
async function requestsById(redis: Redis): Promise<Map<string, string>> {
  const requests = new Map<string, string>()
  let after = '-'
  for (;;) {
    const entries = await redis.xrange(STREAM, after, '+', 'COUNT', 1000)
    for (const [id, fields] of entries) requests.set(id, fieldsOf(fields).request_id ?? '')
    const last = entries.at(-1)?.[0]
    if (last === undefined) return requests
    after = `(${last}`
  }
}
