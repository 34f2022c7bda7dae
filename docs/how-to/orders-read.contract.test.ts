import { Type } from '@sinclair/typebox'
import { compileDecode, reads } from 'concordat/contracts'
import { expect, test } from 'vitest'
import { Orders } from './orders.contract.ts'
import { OrdersRead } from './orders-read.contract.ts'

test('the reader gets the fields that it declares; the others stay in the entry', () => {
  const entry = ['order_id', 'o-1', 'items', '2', 'total', '19.5', 'express', 'true']
  expect(compileDecode(OrdersRead)(entry)).toEqual({ message: { order_id: 'o-1', express: true } })
})

test('a field that no writer writes does not compile', () => {
  // @ts-expect-error -- nobody writes `urgent`
  expect(reads(Orders, { urgent: Type.Boolean() }).channel).toBe('stream:orders')
})
