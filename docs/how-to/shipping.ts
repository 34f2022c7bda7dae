import { type Consumer, consumer } from 'concordat/consumers'
import type { Redis } from 'ioredis'
import { OrdersRead } from './orders-read.contract.ts'

/** Tells `ship` of every order. Starts at once; closing it lets the order in hand finish. */
export function startShipping(redis: Redis, ship: (orderId: string, express: boolean) => void): Consumer {
  return consumer(redis, OrdersRead, {
    group: 'shipping',
    handle: ({ order_id, express }) => ship(order_id, express),
    onParked: ({ id, reason }) => console.warn(`Parked ${id}: ${reason}`),
    onError: (error) => console.error(error.message),
  })
}
