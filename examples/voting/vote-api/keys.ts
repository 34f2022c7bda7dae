import type { Redis } from 'ioredis'
import { TryLater } from './try-later.ts'

/** Remembers for which option each request was sent first, so that a key that comes with another one is found out. */
export type Keys = { readonly isForAnother: (requestId: string, option: string) => Promise<boolean> }

/** As long as somebody may try to send a vote again. */
const REMEMBERED_S = 86_400

/** Makes the memory of keys, in Redis. It rejects where Redis does not answer in time. */
export function rememberKeys(redis: Redis, deadlineMs: number): Keys {
  return {
    isForAnother: async (requestId, option) => {
      const key = `{votes}:request:${requestId}`
      const steps = redis.multi().set(key, option, 'EX', REMEMBERED_S, 'NX').get(key).exec()
      const [, [, known] = []] = (await inTime(steps, deadlineMs)) ?? []
      if (typeof known !== 'string') throw new TryLater('Redis did not remember the key of a vote.')
      return known !== option
    },
  }
}

/** ioredis may never answer at all. */
async function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new TryLater(`Redis did not answer within ${ms} ms.`)), ms)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
