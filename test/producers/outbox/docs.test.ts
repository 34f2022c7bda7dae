import pg from 'pg'
import { expect, inject, test } from 'vitest'
import {
  DatabaseAway,
  HandlerLate,
  InboxMissing,
  InboxNewer,
  TransactionOver,
  Unavailable,
} from '../../../consumers/index.ts'
import { startBilling } from '../../../docs/inbox/bill.ts'
import { placeOrder } from '../../../docs/outbox/place-order.ts'
import { startRelay } from '../../../docs/outbox/relay.ts'
import { MessageRefused, NotPublished, OutboxMissing, OutboxNewer, OutboxTurnedBack } from '../../../producers/index.ts'
import { namesIn, rowsUnder } from '../../docs/markdown.ts'
import { createDatabase } from '../../support/postgres.ts'
import { startRedis } from '../../support/redis.ts'
import { redisAt } from '../../support/stream.ts'
import { waitFor } from '../../support/wait-for.ts'

test('the order of docs/outbox.md becomes the bill of docs/inbox.md', async () => {
  await using server = await startRedis()
  await using database = await createDatabase(inject('postgresUrl'))
  const pool = new pg.Pool({ connectionString: database.url })
  await pool.query('create table orders (order_id text, customer text, total numeric)')
  await pool.query('create table bills (order_id text primary key, total int)')
  const redis = redisAt(server.url)
  const relaying = await startRelay(pool, redis)
  const billing = await startBilling(pool, redis)
  await placeOrder(pool, { order_id: 'a', customer: 'c', total: 12 })
  await expect(placeOrder(pool, { order_id: 'b', customer: 'c', total: 1.5 })).rejects.toThrow(MessageRefused)
  const bills = async () => (await pool.query('select * from bills')).rows
  await waitFor('the bill', async () => (await bills()).length > 0)
  expect(await bills()).toEqual([{ order_id: 'a', total: 12 }])
  expect((await pool.query('select order_id from orders')).rows).toEqual([{ order_id: 'a' }])
  await Promise.all([relaying.close(), billing.close()])
  await pool.end()
})

test('docs/errors.md lists the errors of outbox and inbox', () => {
  const outbox = [
    new OutboxMissing('outbox', undefined),
    new OutboxNewer('outbox', 2, 1),
    new NotPublished({ channel: 'stream:votes', messages: 1 }, new Error('gone')),
    new OutboxTurnedBack('stream:votes', { batch: 1, seen: 2 }),
  ]
  expect(rowsUnder('docs/errors.md', 'Outbox').map((row) => row.slice(0, 2))).toEqual(
    outbox.map(({ name, code }) => [`\`${name}\``, `\`${code}\``]),
  )
  const uncounted = [
    new InboxMissing('inbox'),
    new InboxNewer('inbox', 2, 1),
    new DatabaseAway(new Error('gone')),
    new Unavailable('away'),
  ]
  const counted = [new HandlerLate(1, 1), new TransactionOver('over')]
  expect(rowsUnder('docs/errors.md', 'Inbox').map((row) => row.slice(0, 3))).toEqual([
    ...uncounted.map(({ name, code, retry }) => [name, code, retry].map((word) => `\`${word}\``)),
    ...counted.map(({ name, code }) => [`\`${name}\``, `\`${code}\``, '']),
  ])
  expect(namesIn(rowsUnder('docs/inbox.md', 'What onError is told'))).toEqual(
    uncounted.slice(0, 3).map(({ name }) => name),
  )
})
