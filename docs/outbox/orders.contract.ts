import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

export const Orders = stream('orders', { order_id: Type.String(), total: Type.Integer() }, { headers: 'id' })
