import { randomUUID } from 'node:crypto'
import { producer } from 'concordat/producers'
import type { Redis } from 'ioredis'
import { Orders } from './orders.contract.ts'

/** Writes an order and answers its entry's id. One that breaks the contract is never written: `MessageRefused`. */
export async function placeOrder(redis: Redis, items: number, total: number): Promise<string> {
  await using orders = producer(redis, Orders)
  return await orders.send({ order_id: randomUUID(), items, total, express: false })
}
