import { Type } from '@sinclair/typebox'
import { service, stream } from 'concordat/contracts'

export const Orders = stream('orders', {
  order_id: Type.String(),
  product: Type.Union([Type.Literal('tea'), Type.Literal('coffee')]),
  count: Type.Integer({ minimum: 1 }),
})

export default service('shop', { writes: [Orders] })
