import { randomUUID } from 'node:crypto'
import { producer } from 'concordat/producers'
import { Redis } from 'ioredis'
import { Orders } from './concordat.config.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379')
const orders = producer(redis, Orders)
const order = { order_id: randomUUID(), product: 'tea', count: Number(process.argv[2]) } as const
console.log(await orders.send(order).then((id) => `Written as ${id}.`, String))
await orders.close()
redis.disconnect()
