import { expect, test } from 'vitest'
import { gatherLines } from '../../../registry/operations/gathered-lines.ts'
import { waitFor } from '../../support/wait-for.ts'

test('passes on the lines of a few milliseconds together, in their order, and none twice', async () => {
  const written: string[] = []
  const lines = gatherLines({ write: (text) => written.push(text) })
  lines.write('a\n')
  lines.write('b\n')
  expect(written).toEqual([])
  await waitFor('the lines', () => written.length > 0)
  lines.write('c\n')
  lines.flush()
  lines.write('d\n')
  await waitFor('the last one', () => written.length > 2)
  expect(written).toEqual(['a\nb\n', 'c\n', 'd\n'])
})

test('keeps no more than a little', () => {
  const written: string[] = []
  const lines = gatherLines({ write: (text) => written.push(text) })
  const line = `${'x'.repeat(9_999)}\n`
  for (let i = 0; i < 10; i++) lines.write(line)
  expect(written).toEqual([line.repeat(7)])
})
