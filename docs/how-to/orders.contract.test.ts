import { compileDecode, compileEncode } from 'concordat/contracts'
import { expect, test } from 'vitest'
import { Orders } from './orders.contract.ts'

const order = { order_id: '9f1c2e44-5b0a-4c3d-8e6f-0a1b2c3d4e5f', items: 2, total: 19.5, express: false }
const entry = ['order_id', '9f1c2e44-5b0a-4c3d-8e6f-0a1b2c3d4e5f', 'items', '2', 'total', '19.5', 'express', 'false']

test('an order lies flat in its entry and reads back the same', () => {
  expect(compileEncode(Orders)(order)).toEqual({ entry })
  expect(compileDecode(Orders)(entry)).toEqual({ message: order })
})

test('an order without items is a finding', () => {
  const { findings } = compileEncode(Orders)({ ...order, items: 0 })
  expect(findings).toMatchObject([{ code: 'number.out-of-bounds', at: '/items' }])
})
