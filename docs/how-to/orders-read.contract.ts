import { Type } from '@sinclair/typebox'
import { reads } from 'concordat/contracts'
import { Orders } from './orders.contract.ts'

export const OrdersRead = reads(Orders, {
  order_id: Type.String(),
  express: Type.Boolean(),
})
