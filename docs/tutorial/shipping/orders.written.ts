// Made by "concordat pull orders". Do not edit it: pull again.
import { Type } from '@sinclair/typebox'
import { stream } from 'concordat/contracts'

export type OrdersWritten = {
  order_id: string
  product: 'tea' | 'coffee'
  /** An integer, at least 1. */
  count: number
}

export const ordersWritten = stream(
  'orders',
  Type.Unsafe<OrdersWritten>({
    type: 'object',
    required: ['order_id', 'product', 'count'],
    properties: {
      order_id: { type: 'string' },
      product: {
        anyOf: [
          { const: 'tea', type: 'string' },
          { const: 'coffee', type: 'string' },
        ],
      },
      count: { minimum: 1, type: 'integer' },
    },
  }),
)
