import { once } from 'node:events'
import { consumer } from 'concordat/consumers'
import { Redis } from 'ioredis'
import { OrdersRead } from './concordat.config.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const shipping = consumer(redis, OrdersRead, {
  group: 'shipping',
  handle: ({ product, count }) => console.log(`Shipping: ${product}, ${count}`),
  onParked: ({ id, reason }) => console.log(`Parked ${id}: ${reason}`),
})
await once(process, 'SIGINT')
await shipping.close()
redis.disconnect()
