import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

export const Orders = stream('orders', {
  order_id: Type.String({ format: 'uuid' }),
  items: Type.Integer({ minimum: 1 }),
  total: Type.Number({ minimum: 0 }),
  express: Type.Boolean(),
  coupon: Type.Optional(Type.String()),
})
