import { Type } from '@sinclair/typebox'
import { reads, service } from 'concordat/contracts'
import { ordersWritten } from './orders.written.ts'

export const OrdersRead = reads(ordersWritten, { product: Type.String(), count: Type.Integer() })

export default service('shipping', { reads: [OrdersRead] })
