import { expect, test } from 'vitest'
import { ByteCache } from '../../registry/byte-cache.ts'
import { fc } from '../support/property.ts'

const bytesOf = (length: number, fill: number) => Buffer.alloc(length, fill)

test('gives what was put in, and undefined for what was not', () => {
  const cache = new ByteCache(1000)
  cache.set(1, Buffer.from('one'))
  expect(cache.get(1)?.toString()).toBe('one')
  expect(cache.get(2)).toBeUndefined()
})

test('what was put in again is there once, as it is now', () => {
  const cache = new ByteCache(1000)
  cache.set(1, Buffer.from('one'))
  cache.set(1, Buffer.from('other'))
  expect(cache.get(1)?.toString()).toBe('other')
})

test('what it gives stays, whatever is put in afterwards', () => {
  const cache = new ByteCache(1000)
  cache.set(0, bytesOf(50, 7))
  const given = cache.get(0)
  for (let key = 1; key < 100; key++) cache.set(key, bytesOf(50, 9))
  expect(given).toEqual(bytesOf(50, 7))
})

test('what was put in first has to go first, unless it was used', () => {
  const cache = new ByteCache(1000)
  for (let key = 0; key < 10; key++) cache.set(key, bytesOf(50, key))
  cache.get(0)
  for (let key = 10; key < 20; key++) cache.set(key, bytesOf(50, key))
  expect([0, 1, 19].map((key) => cache.get(key)?.[0])).toEqual([0, undefined, 19])
})

test('what is large is not kept', () => {
  const cache = new ByteCache(1000)
  cache.set(1, bytesOf(900, 1))
  expect(cache.get(1)).toBeUndefined()
})

test('nothing is there after clearing, and there is room', () => {
  const cache = new ByteCache(1000)
  for (let key = 0; key < 30; key++) cache.set(key, bytesOf(50, key))
  cache.clear()
  expect(Array.from({ length: 30 }, (_, key) => cache.get(key))).toEqual(Array.from({ length: 30 }, () => undefined))
  cache.set(1, bytesOf(50, 1))
  expect(cache.get(1)).toEqual(bytesOf(50, 1))
})

test('whatever is done, it gives the bytes that were last put in under a number, or nothing', () => {
  const deed = fc.record({ key: fc.nat(30), length: fc.nat(70), isRead: fc.boolean() })
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 300 }), (deeds) => {
      const cache = new ByteCache(1200)
      const last = new Map<number, Buffer>()
      for (const [i, { key, length, isRead }] of deeds.entries()) {
        if (!isRead) last.set(key, bytesOf(length, i % 256))
        if (!isRead) cache.set(key, bytesOf(length, i % 256))
        for (const [one, bytes] of last) expect([bytes, undefined]).toContainEqual(cache.get(one))
      }
    }),
    { numRuns: 300 },
  )
})

test('what was put in last is always there', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(70), { maxLength: 200 }), (lengths) => {
      const cache = new ByteCache(1200)
      for (const [key, length] of lengths.entries()) {
        cache.set(key, bytesOf(length, key % 256))
        expect(cache.get(key)).toEqual(bytesOf(length, key % 256))
      }
    }),
  )
})
