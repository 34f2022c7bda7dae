import { type Static, Type } from '@sinclair/typebox'

/** The vote of the story. */
export const Vote = Type.Object({
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  timestamp: Type.Integer(),
  request_id: Type.String({ format: 'uuid' }),
})

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
const Amount = Type.Number({ minimum: 0, maximum: 1_000_000 })
const oneOf = <const V extends string[]>(...values: V) =>
  Type.Union(values.map((value) => Type.Literal(value as V[number])))

/** An order with thirty flat fields, as shops send them. */
export const Order = Type.Object({
  order_id: Type.String({ format: 'uuid' }),
  customer_id: Type.String({ format: 'uuid' }),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
  status: oneOf('created', 'paid', 'packed', 'sent', 'returned'),
  channel: oneOf('web', 'app', 'shop'),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  total: Amount,
  tax: Amount,
  discount: Amount,
  shipping: Amount,
  weight: Amount,
  items: Type.Integer({ minimum: 1, maximum: 1000 }),
  version: Type.Integer({ minimum: 1 }),
  priority: Type.Integer({ minimum: 0, maximum: 9 }),
  loyalty_points: Type.Integer({ minimum: 0 }),
  warehouse: Type.Integer({ minimum: 1 }),
  is_gift: Type.Boolean(),
  is_express: Type.Boolean(),
  is_test: Type.Boolean(),
  email: Type.String({ format: 'email', maxLength: 254 }),
  first_name: Text(80),
  last_name: Text(80),
  street: Text(120),
  city: Text(80),
  postcode: Type.String({ pattern: '^[0-9A-Z -]{3,10}$' }),
  country: Type.String({ pattern: '^[A-Z]{2}$' }),
  phone: Type.String({ pattern: '^\\+[0-9]{6,15}$' }),
  coupon: Text(40),
  note: Text(500),
})

const hex = (i: number, length: number) => (i * 2_654_435_761).toString(16).padStart(length, '0').slice(-length)
const uuid = (i: number) => `${hex(i, 8)}-${hex(i + 1, 4)}-4${hex(i + 2, 3)}-a${hex(i + 3, 3)}-${hex(i + 4, 12)}`
const many = <T>(make: (i: number) => T) => Array.from({ length: 1000 }, (_, i) => make(i))

export const votes: Static<typeof Vote>[] = many((i) => ({
  option: i % 2 ? 'cats' : 'dogs',
  timestamp: 1_795_000_000_000 + i,
  request_id: uuid(i),
}))

export const orders: Static<typeof Order>[] = many((i) => ({
  order_id: uuid(i),
  customer_id: uuid(i + 7),
  created_at: new Date(1_795_000_000_000 + i * 1000).toISOString(),
  updated_at: new Date(1_795_000_900_000 + i * 1000).toISOString(),
  status: 'paid',
  channel: 'web',
  currency: 'EUR',
  total: 100 + i / 4,
  tax: 19.25,
  discount: 0,
  shipping: 4.9,
  weight: 2.5,
  items: 1 + (i % 9),
  version: 3,
  priority: i % 10,
  loyalty_points: i,
  warehouse: 12,
  is_gift: i % 2 === 0,
  is_express: false,
  is_test: false,
  email: `customer${i}@example.com`,
  first_name: 'Example',
  last_name: `Customer ${i}`,
  street: `${i} Example Street`,
  city: 'Exampleton',
  postcode: '12345',
  country: 'DE',
  phone: '+49123456789',
  coupon: 'NONE',
  note: 'Please leave it with the neighbours.',
}))
