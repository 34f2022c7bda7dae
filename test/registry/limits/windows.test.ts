import { describe, expect, test } from 'vitest'
import { MOST_KEYS, MOST_MOMENTS, Windows } from '../../../registry/limits/windows.ts'
import { fc } from '../../support/property.ts'

const RATE = { most: 3, windowMs: 1000 }

test('allows as many as the rate says in any time of its length, and says what is left and when', () => {
  const windows = new Windows()
  const take = (now: number) => windows.take('a', RATE, now)
  expect(take(0)).toEqual({ isAllowed: true, left: 2, freeInMs: 1000 })
  expect(take(400)).toEqual({ isAllowed: true, left: 1, freeInMs: 600 })
  expect(take(900)).toEqual({ isAllowed: true, left: 0, freeInMs: 100 })
  expect(take(999)).toEqual({ isAllowed: false, left: 0, freeInMs: 1 })
  expect(take(1000)).toEqual({ isAllowed: true, left: 0, freeInMs: 400 })
  expect(take(1399)).toMatchObject({ isAllowed: false })
  expect(windows.take('b', RATE, 1399)).toMatchObject({ isAllowed: true, left: 2 })
})

test('never says that room is further away than the window is long', () => {
  const moments = fc.double({ min: 0, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(moments, (now) => {
      expect(new Windows().take('a', RATE, now).freeInMs).toBe(RATE.windowMs)
    }),
  )
})

test('answers as if it looked at every request that was ever allowed', () => {
  const rates = fc.record({ most: fc.integer({ min: 1, max: 5 }), windowMs: fc.integer({ min: 1, max: 50 }) })
  const requests = fc.array(fc.tuple(fc.nat(20), fc.constantFrom('a', 'b')), { maxLength: 80 })
  fc.assert(
    fc.property(rates, requests, (rate, steps) => {
      const windows = new Windows()
      const allowed: { readonly key: string; readonly at: number }[] = []
      let now = 0
      for (const [later, key] of steps) {
        now += later
        const inWindow = allowed.filter((one) => one.key === key && one.at > now - rate.windowMs)
        const { isAllowed, left } = windows.take(key, rate, now)
        if (isAllowed) allowed.push({ key, at: now })
        expect(isAllowed).toBe(inWindow.length < rate.most)
        expect(left).toBe(rate.most - inWindow.length - Number(isAllowed))
      }
    }),
  )
})

describe('memory is bounded', () => {
  test('by the number of keys: who was not heard of for longest is forgotten, and being refused is being heard of', () => {
    const windows = new Windows()
    const once = { most: 1, windowMs: 1000 }
    windows.take('attacker', once, 0)
    windows.take('quiet', once, 0)
    for (let i = 0; i < MOST_KEYS - 2; i++) windows.take(`other ${i}`, once, 1)
    expect(windows.take('attacker', once, 2).isAllowed).toBe(false)
    windows.take('one more', once, 3)
    expect(windows.take('attacker', once, 4).isAllowed).toBe(false)
    expect(windows.take('quiet', once, 4).isAllowed).toBe(true)
  })

  test('by the number of moments', () => {
    const windows = new Windows()
    const many = { most: 50_000, windowMs: 1000 }
    const keys = MOST_MOMENTS / many.most
    for (let key = 0; key <= keys; key++) for (let i = 0; i < many.most; i++) windows.take(`${key}`, many, key)
    expect(windows.take('0', many, keys)).toMatchObject({ left: many.most - 1 })
    expect(windows.take(`${keys}`, many, keys)).toMatchObject({ isAllowed: false })
  })
})
