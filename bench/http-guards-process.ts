import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import { endpoint } from '../contracts/index.ts'
import { guardRoutes } from '../producers/index.ts'

/** One of the servers that bench/http-guards.ts compares, in a process of its own: `guarded`, `schemas` or `none`. */
const Order = Type.Object({
  customer: Type.String({ maxLength: 50 }),
  city: Type.String(),
  zip: Type.String({ pattern: '^[0-9]{5}$' }),
  currency: Type.Union([Type.Literal('EUR'), Type.Literal('USD')]),
  total: Type.Number({ minimum: 0 }),
  paid: Type.Boolean(),
  placedAt: Type.Integer(),
  requestId: Type.String({ format: 'uuid' }),
  lines: Type.Array(
    Type.Object({
      sku: Type.String(),
      count: Type.Integer({ minimum: 1 }),
      price: Type.Number(),
      gift: Type.Boolean(),
    }),
  ),
})
const Option = Type.Union([Type.Literal('cats'), Type.Literal('dogs')])
const Voted = Type.Object({ message: Type.String(), option: Option, stream_id: Type.String() })
const Accepted = Type.Object({ id: Type.Integer(), state: Type.Literal('accepted'), order: Order })
const Listed = Type.Object({ page: Type.Integer(), orders: Type.Array(Order) })

const PostVote = endpoint('PostVote', {
  method: 'POST',
  path: '/api/vote',
  request: { body: { option: Option } },
  responses: { 200: Voted },
})
const PostOrder = endpoint('PostOrder', {
  method: 'POST',
  path: '/shops/{shop}/orders',
  request: { path: { shop: Type.String() }, body: Order },
  responses: { 200: Accepted },
})
const ListOrders = endpoint('ListOrders', {
  method: 'GET',
  path: '/shops/{shop}/orders',
  request: {
    path: { shop: Type.String() },
    query: { page: Type.Integer(), state: Type.Optional(Type.Array(Type.String())) },
  },
  responses: { 200: Listed },
})

const order = {
  customer: 'Ada Lovelace',
  city: 'London',
  zip: '12345',
  currency: 'EUR',
  total: 19.99,
  paid: true,
  placedAt: 1_795_000_000_000,
  requestId: '7d9f2b1e-93b1-4d39-8f0e-0d5f2ab0b3a1',
  lines: [
    { sku: 'A-1', count: 2, price: 5.5, gift: false },
    { sku: 'B-7', count: 1, price: 8.99, gift: true },
  ],
}
const orders = Array.from({ length: 10 }, (_, i) => ({ ...order, placedAt: order.placedAt + i }))

const SCHEMAS = {
  vote: { body: Type.Object({ option: Option }), response: { 200: Voted } },
  post: { params: Type.Object({ shop: Type.String() }), body: Order, response: { 200: Accepted } },
  list: {
    params: Type.Object({ shop: Type.String() }),
    querystring: Type.Object({ page: Type.Integer(), state: Type.Optional(Type.Array(Type.String())) }),
    response: { 200: Listed },
  },
}

async function build(kind: string): Promise<FastifyInstance> {
  const app = Fastify()
  if (kind === 'guarded') await app.register(guardRoutes, { serves: [PostVote, PostOrder, ListOrders] })
  const withSchemas = kind === 'schemas'
  app.post<{ Body: { option: string } }>(
    '/api/vote',
    withSchemas ? { schema: SCHEMAS.vote } : {},
    async ({ body: { option } }) => ({
      message: `Your vote for ${option} counts.`,
      option,
      stream_id: '1795000000000-0',
    }),
  )
  app.post('/shops/:shop/orders', withSchemas ? { schema: SCHEMAS.post } : {}, async ({ body }) => ({
    id: 7,
    state: 'accepted',
    order: body,
  }))
  app.get('/shops/:shop/orders', withSchemas ? { schema: SCHEMAS.list } : {}, async () => ({ page: 1, orders }))
  return app
}

const url = await (await build(process.argv[2] ?? '')).listen({ port: 0 })
process.send?.({ url, body: JSON.stringify(order) })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuUs: user + system })
})
