import type { JsonObject } from '../contracts/index.ts'

export type Fields = { readonly [name: string]: JsonObject }

const uuid = { type: 'string', format: 'uuid' }
const moment = { type: 'string', format: 'date-time' }
const day = { type: 'string', format: 'date' }
const email = { type: 'string', format: 'email', maxLength: 254 }
const flag = { type: 'boolean' }
const money = { $ref: '#/$defs/money' }
const reference = { $ref: '#/$defs/reference' }
const text = (maxLength: number): JsonObject => ({ type: 'string', minLength: 1, maxLength })
const count = (maximum: number): JsonObject => ({ type: 'integer', minimum: 0, maximum })
const code = (pattern: string): JsonObject => ({ type: 'string', pattern })
const choice = (...values: string[]): JsonObject => ({ type: 'string', enum: values })
const list = (items: JsonObject, maxItems = 100): JsonObject => ({ type: 'array', items, maxItems })
const maybe = (field: JsonObject): JsonObject => ({ anyOf: [field, { type: 'null' }] })
const object = (properties: Fields, required = Object.keys(properties)): JsonObject => ({
  type: 'object',
  properties,
  required,
})

const address = object({
  street: text(120),
  city: text(80),
  postcode: code('^[0-9A-Z -]{3,10}$'),
  country: code('^[A-Z]{2}$'),
})

/** Ways to pay, told apart by a tag. */
const payment: JsonObject = {
  oneOf: [
    object({ method: { const: 'card' }, last_digits: code('^[0-9]{4}$'), brand: choice('visa', 'mastercard', 'amex') }),
    object({ method: { const: 'transfer' }, iban: code('^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$') }),
    object({ method: { const: 'voucher' }, voucher: text(40), left: money }),
  ],
}

/** Names of events and the fields that are their own. */
export const domains: readonly (readonly [name: string, fields: Fields])[] = [
  [
    'order.placed',
    {
      order: uuid,
      customer: reference,
      lines: list(object({ sku: code('^[A-Z]{3}-[0-9]{4,8}$'), quantity: count(1000), price: money })),
      payment,
      ship_to: address,
      coupon: maybe(text(40)),
      total: money,
    },
  ],
  [
    'user.registered',
    {
      user: uuid,
      email,
      name: object({ first: text(80), last: text(80) }),
      born: day,
      language: choice('de', 'en', 'es', 'fr', 'it'),
      consents: { type: 'object', additionalProperties: flag },
      referrer: maybe(reference),
    },
  ],
  [
    'vote.cast',
    {
      option: choice('cats', 'dogs'),
      request: uuid,
      voter: reference,
      client: object({ ip: text(45), agent: text(400) }),
    },
  ],
  [
    'parcel.moved',
    {
      parcel: code('^[0-9]{12,20}$'),
      state: choice('announced', 'collected', 'sorted', 'on-the-way', 'delivered', 'returned'),
      at: object({
        latitude: { type: 'number', minimum: -90, maximum: 90 },
        longitude: { type: 'number', minimum: -180, maximum: 180 },
      }),
      weight: { type: 'number', exclusiveMinimum: 0, maximum: 70, multipleOf: 0.01 },
      carrier: reference,
      expected: maybe(moment),
    },
  ],
  [
    'page.viewed',
    {
      url: { type: 'string', format: 'uri', maxLength: 2000 },
      session: code('^[A-Za-z0-9_-]{22}$'),
      viewport: object({ width: count(20_000), height: count(20_000) }),
      campaign: { type: 'object', patternProperties: { '^utm_[a-z]+$': text(200) }, additionalProperties: false },
      timings: { type: 'object', additionalProperties: { type: 'number', minimum: 0 } },
      tags: { type: 'array', items: text(40), uniqueItems: true, maxItems: 20 },
    },
  ],
  [
    'sensor.read',
    {
      sensor: code('^[a-z]+(-[a-z0-9]+)*$'),
      value: { anyOf: [{ type: 'number' }, flag, text(200)] },
      unit: choice('celsius', 'percent', 'pascal', 'lux'),
      readings: list({ type: 'number', minimum: -1000, maximum: 1000 }, 500),
      battery: count(100),
      firmware: code('^\\d+\\.\\d+\\.\\d+$'),
    },
  ],
  [
    'invoice.issued',
    {
      number: code('^R[0-9]{4}-[0-9]{6}$'),
      issued: day,
      due: day,
      bill_to: address,
      positions: list(object({ text: text(300), net: money, rate: { enum: [0, 7, 19] } })),
      total: money,
      paid: flag,
    },
  ],
]

/** Whole records that events carry along: what was true when it happened. */
export const records: readonly (readonly [name: string, fields: Fields])[] = [
  [
    'customer',
    { id: uuid, email, tier: choice('none', 'silver', 'gold'), since: day, home: address, orders: count(100_000) },
  ],
  [
    'product',
    {
      sku: code('^[A-Z]{3}-[0-9]{4,8}$'),
      title: text(200),
      price: money,
      weight: { type: 'number', minimum: 0 },
      tags: list(text(40), 20),
    },
  ],
  [
    'shipment',
    {
      carrier: choice('air', 'road', 'rail', 'sea'),
      parcels: list(object({ id: uuid, weight: count(70_000) })),
      to: address,
      promised: moment,
    },
  ],
  ['payment', { id: uuid, payment, amount: money, captured: maybe(moment), attempts: count(10) }],
  [
    'account',
    {
      iban: code('^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'),
      owner: reference,
      balance: money,
      limits: object({ day: money, month: money }),
      frozen: flag,
    },
  ],
]
