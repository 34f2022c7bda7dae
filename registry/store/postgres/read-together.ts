import { HEAD, headIn, VERSIONS, versionIn } from '../reads.ts'
import { numberIn, type Row, type Sql, textIn } from '../sql.ts'
import type { SubjectReads, SubjectVersion } from '../store.ts'

type ReadTogether = Pick<SubjectReads, 'head'> & {
  readonly findLive: (subject: string, identity: string) => Promise<SubjectVersion | undefined>
}

/** What every registration reads: asked for by many at the same time, it is one statement, planned once. */
export function readTogether(sql: Sql): ReadTogether {
  const head = gather<string, Row[]>(async (subjects) => {
    const rows = await sql(HEADS, JSON.stringify(['', ...subjects]))
    const byName = Map.groupBy(rows, (row) => textIn(row, 'name'))
    const global = byName.get('') ?? []
    return subjects.map((subject) => [...(byName.get(subject) ?? []), ...(subject === '' ? [] : global)])
  })
  const find = gather<{ readonly subject: string; readonly identity: string }, Row | undefined>(async (wanted) => {
    const rows = await sql(FOUND, JSON.stringify(wanted.map((one, place) => ({ ...one, place }))))
    const byPlace = new Map(rows.map((row) => [numberIn(row, 'place'), row]))
    return wanted.map((_, place) => byPlace.get(place))
  })
  return {
    head: async (subject) => headIn(await head(subject), subject),
    findLive: async (subject, identity) => {
      const row = await find({ subject, identity })
      return row && versionIn(row)
    },
  }
}

const HEADS = `${HEAD} t.context = '.' AND t.name IN (SELECT * FROM json_array_elements_text(CAST(?1 AS JSON)))`

const FOUND = `SELECT wanted.place, found.* FROM json_to_recordset(CAST(?1 AS JSON))
    AS wanted (place INTEGER, subject TEXT, identity TEXT)
  JOIN LATERAL (
    ${VERSIONS} AND v.subject = wanted.subject AND s.identity = wanted.identity AND v.deleted = 0
    ORDER BY v.version DESC LIMIT 1
  ) found ON true`

/** How many are asked for in one statement at most. */
const READS_AT_ONCE = 64

/** Collects what is asked for in one turn of the event loop. */
function gather<Key, Value>(readAll: (keys: readonly Key[]) => Promise<Value[]>): (key: Key) => Promise<Value> {
  type Waiting = PromiseWithResolvers<Value> & { readonly key: Key }
  let gathering: Waiting[] = []

  const settle = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const values = await readAll(batch.map(({ key }) => key))
      batch.forEach(({ resolve }, i) => resolve(values[i] as Value))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
  const begin = (): void => {
    const batch = gathering
    gathering = []
    for (let i = 0; i < batch.length; i += READS_AT_ONCE) void settle(batch.slice(i, i + READS_AT_ONCE)) // it never rejects: what goes wrong is told to those who wait
  }
  return (key) => {
    const one = { ...Promise.withResolvers<Value>(), key }
    if (gathering.push(one) === 1) setImmediate(begin)
    return one.promise
  }
}
