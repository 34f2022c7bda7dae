import { expect, test } from 'vitest'
import { LATEST_MS, Load } from '../../../registry/limits/load.ts'

const times = (count: number, act: () => void) => {
  for (let i = 0; i < count; i++) act()
}

test('takes as many requests as may be under way, and then none before there are clearly fewer', () => {
  const load = new Load(10)
  const [enter, leave] = [() => load.enter(), () => load.leave()]
  times(9, enter)
  expect(load.crowding()).toBeUndefined()
  enter()
  expect(load.crowding()).toBe('in-flight')
  times(2, leave)
  expect(load.crowding()).toBe('in-flight')
  leave()
  expect(load.crowding()).toBeUndefined()
  times(2, enter)
  expect(load.crowding()).toBeUndefined()
})

test('takes nothing while its event loop is late again and again, until it is clearly less late', () => {
  const load = new Load()
  let now = 0
  const look = (lateMs: number) => {
    now += 50 + lateMs
    load.look(now)
    return load.crowding()
  }
  expect(look(0)).toBeUndefined()
  expect(look(LATEST_MS + 1)).toBeUndefined()
  expect(look(0)).toBeUndefined()
  expect(look(LATEST_MS + 1)).toBeUndefined()
  expect(look(LATEST_MS + 1)).toBe('event-loop')
  expect(look(LATEST_MS)).toBe('event-loop')
  expect(look(LATEST_MS / 2 - 1)).toBeUndefined()
})
