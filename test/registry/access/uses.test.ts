import { expect, test } from 'vitest'
import { Uses } from '../../../registry/access/uses.ts'

test('notes a use at most once an hour, together with others', async () => {
  const written: (readonly string[])[] = []
  const uses = new Uses({ write: async (ids) => void written.push(ids), onError: () => {}, flushMs: 3_600_000 })
  for (let i = 0; i < 9; i++) uses.note({ id: 'a' })
  uses.note({ id: 'b', usedAt: Date.now() - 2 * 3_600_000 })
  uses.note({ id: 'c', usedAt: Date.now() - 60_000 })
  await uses.close()
  uses.note({ id: 'a' })
  await uses.close()
  expect(written).toEqual([['a', 'b']])
})

test('a use that cannot be noted is told, and stops nothing', async () => {
  const errors: unknown[] = []
  const uses = new Uses({
    write: () => Promise.reject(new Error('away')),
    onError: (error) => errors.push(error),
    flushMs: 3_600_000,
  })
  uses.note({ id: 'a' })
  await uses.close()
  expect(errors).toEqual([new Error('away')])
})
