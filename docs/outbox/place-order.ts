import { createOutbox } from 'concordat/producers'
import type { Pool } from 'pg'
import { Orders } from './orders.contract.ts'

const outbox = createOutbox()

export async function placeOrder(pool: Pool, order: { order_id: string; total: number; customer: string }) {
  const { order_id, total, customer } = order
  const tx = await pool.connect()
  try {
    await tx.query('begin')
    await tx.query('insert into orders (order_id, customer, total) values ($1, $2, $3)', [order_id, customer, total])
    await outbox.add(tx, Orders, { order_id, total }, { key: customer })
    await tx.query('commit')
  } catch (error) {
    await tx.query('rollback')
    throw error
  } finally {
    tx.release()
  }
}
