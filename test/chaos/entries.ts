import type { Redis } from 'ioredis'
import { fieldsOf } from '../../streams/index.ts'

export type Fields = ReturnType<typeof fieldsOf>

/** All entries of a stream by their fields, oldest first, however many there are. */
export async function entriesIn(redis: Redis, stream: string): Promise<[id: string, fields: Fields][]> {
  const all: [string, Fields][] = []
  let after = '-'
  for (;;) {
    const entries = await redis.xrange(stream, after, '+', 'COUNT', 1000)
    for (const [id, fields] of entries) all.push([id, fieldsOf(fields)])
    const last = entries.at(-1)?.[0]
    if (last === undefined) return all
    after = `(${last}`
  }
}
