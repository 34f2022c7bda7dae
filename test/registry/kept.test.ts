import { expect, test } from 'vitest'
import { Kept } from '../../registry/kept.ts'

test('gives what was put in, and undefined for what was not', () => {
  const kept = new Kept<string, number>(10)
  kept.set('a', 1)
  expect(kept.get('a')).toBe(1)
  expect(kept.get('b')).toBeUndefined()
})

test('what has to go is what was not used for longest', () => {
  const kept = new Kept<string, number>(2)
  kept.set('a', 1)
  kept.set('b', 2)
  kept.get('a')
  kept.set('c', 3)
  expect(['a', 'b', 'c'].map((key) => kept.get(key))).toEqual([1, undefined, 3])
})

test('counts weights, and lets go of as many as the new one needs', () => {
  const kept = new Kept<string, string>(10)
  for (const key of ['a', 'b', 'c']) kept.set(key, key, 3)
  kept.set('d', 'd', 6)
  expect(['a', 'b', 'c', 'd'].map((key) => kept.get(key))).toEqual([undefined, undefined, 'c', 'd'])
})

test('setting again puts the new weight in place of the old one', () => {
  const kept = new Kept<string, number>(10)
  kept.set('a', 1, 9)
  kept.set('a', 2, 1)
  kept.set('b', 3, 9)
  expect([kept.get('a'), kept.get('b')]).toEqual([2, 3])
})

test('what is heavier than all that may be kept is not kept, and nothing has to go for it', () => {
  const kept = new Kept<string, number>(10)
  kept.set('a', 1, 4)
  kept.set('b', 2, 11)
  expect([kept.get('a'), kept.get('b')]).toEqual([1, undefined])
})

test('what is too heavy when it is set again is gone', () => {
  const kept = new Kept<string, number>(10)
  kept.set('a', 1, 4)
  kept.set('a', 2, 11)
  expect(kept.get('a')).toBeUndefined()
})

test('deleting and clearing make room', () => {
  const kept = new Kept<string, number>(10)
  kept.set('a', 1, 10)
  kept.delete('a')
  kept.delete('a')
  kept.set('b', 2, 10)
  expect([kept.get('a'), kept.get('b')]).toEqual([undefined, 2])
  kept.clear()
  kept.set('c', 3, 10)
  expect([kept.get('b'), kept.get('c')]).toEqual([undefined, 3])
})

test('never holds more than it may, whatever is put in', () => {
  const kept = new Kept<number, number>(100)
  const weights = Array.from({ length: 500 }, (_, i) => (i * 37) % 23)
  for (const [key, weight] of weights.entries()) kept.set(key % 60, weight, weight)
  const held = Array.from({ length: 60 }, (_, key) => kept.get(key) ?? 0)
  expect(held.reduce((sum, weight) => sum + weight)).toBeLessThanOrEqual(100)
})
