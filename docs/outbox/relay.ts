import { prepareOutbox, type Relay, relay } from 'concordat/producers'
import type { Redis } from 'ioredis'
import type { Pool } from 'pg'

export async function startRelay(pool: Pool, redis: Redis): Promise<Relay> {
  await prepareOutbox(pool)
  return relay({ pool, redis, onError: (error) => console.error(error.message) })
}
