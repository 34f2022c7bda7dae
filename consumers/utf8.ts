import { isUtf8 } from 'node:buffer'
import type { Finding } from '../contracts/index.ts'
import type { RedisClient } from '../streams/index.ts'
import type { Work } from './work.ts'

/** Whether a field may hold bytes that are no UTF-8: ioredis puts U+FFFD in their place, which may also stand there rightly. */
export function isDoubtful(fields: readonly string[]): boolean {
  return fields.some((text) => text.includes('\uFFFD'))
}

/** A finding for every field of the entry whose name or value is no UTF-8. */
export async function findIllFormed(redis: RedisClient, { source, id }: Work): Promise<Finding[]> {
  const [[, fields] = [undefined, []]] = await redis.xrangeBuffer(source.key, id, id)
  return fields.flatMap((name, i): Finding[] => {
    if (i % 2 === 1 || (isUtf8(name) && isUtf8(fields[i + 1] ?? name))) return []
    return [{ code: 'text.ill-formed', at: `/${name.toString().replaceAll('~', '~0').replaceAll('/', '~1')}` }]
  })
}
