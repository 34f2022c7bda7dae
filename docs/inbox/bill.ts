import { type Consumer, consumer, inPostgres, prepareInbox } from 'concordat/consumers'
import type { Redis } from 'ioredis'
import type { Pool } from 'pg'
import { Orders } from '../outbox/orders.contract.ts'

export async function startBilling(pool: Pool, redis: Redis): Promise<Consumer> {
  await prepareInbox(pool)
  return consumer(redis, Orders, {
    group: 'billing',
    handleBatch: inPostgres(pool, async (batch, tx) => {
      const ids = batch.map(({ message }) => message.order_id)
      const totals = batch.map(({ message }) => message.total)
      await tx.query('insert into bills (order_id, total) select * from unnest($1::text[], $2::int[])', [ids, totals])
    }),
    onError: (error) => console.error(error.message),
  })
}
