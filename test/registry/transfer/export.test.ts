import { expect, test } from 'vitest'
import type { Store } from '../../../registry/store/store.ts'
import { exportRecords } from '../../../registry/transfer/export.ts'
import { importRecords } from '../../../registry/transfer/import.ts'
import { contentOf, EVERYTHING, exportText, linesOf, newStore } from './stores.ts'

test('writes a header, every record in its order, and a footer that counts them', async () => {
  await using store = await newStore(EVERYTHING)
  const lines = (await exportText(store)).split('\n')
  expect(lines.slice(0, -1).map((line): unknown => JSON.parse(line))).toEqual([
    { concordat: 'export', form: 1 },
    ...EVERYTHING,
    { concordat: 'end', lines: EVERYTHING.length + 1, schemas: 2, versions: 4, subjects: 4 },
  ])
  expect(lines.at(-1)).toBe('')
})

test('answers how much it has written', async () => {
  await using store = await newStore(EVERYTHING)
  const told: unknown[] = []
  const counts = await exportRecords(
    store,
    async () => {},
    (soFar) => told.push(soFar),
  )
  expect(counts).toEqual({ schemas: 2, versions: 4, subjects: 4 })
  expect(told.at(-1)).toEqual(counts)
})

test('writes an empty store as three lines', async () => {
  await using store = await newStore()
  expect(await exportText(store)).toBe(
    [
      '{"concordat":"export","form":1}',
      '{"kind":"counters","maxId":0}',
      '{"concordat":"end","lines":2,"schemas":0,"versions":0,"subjects":0}',
      '',
    ].join('\n'),
  )
})

test('leaves out of references what clients sent there and means nothing', async () => {
  await using store = await newStore()
  const reference = { name: 'a', subject: 'b', version: 1, comment: 'mine' }
  await append(store, 'votes', contentOf({ text: '{}', references: [reference] }))
  expect(await exportText(store)).not.toContain('comment')
})

test('writes a store that is written to meanwhile as of one moment', async () => {
  await using store = await newStore()
  await using copy = await newStore()
  for (let i = 0; i < 120; i++) await append(store, `s${i}`, contentOf({ text: `{"title":"${i}"}` }))
  const chunks: string[] = []
  await exportRecords(store, async (lines) => {
    await append(store, 'new', contentOf({ text: `{"title":"after chunk ${chunks.length}"}` }))
    chunks.push(lines)
  })
  // that moment is the first reading, before the header is written
  expect(chunks.length).toBeGreaterThan(2)
  expect(chunks.join('')).not.toContain('after chunk')
  expect(await importRecords(copy, linesOf(chunks.join('')))).toEqual({ schemas: 120, versions: 120, subjects: 120 })
})

test('reads no further than has been written, and fails with the one that writes', async () => {
  await using store = await newStore(EVERYTHING)
  const chunks: string[] = []
  const full = async (lines: string): Promise<void> => {
    chunks.push(lines)
    if (chunks.length === 2) throw new Error('the disk is full')
  }
  await expect(exportRecords(store, full)).rejects.toThrow('the disk is full')
  expect(chunks).toHaveLength(2)
})

async function append(store: Store, subject: string, content: ReturnType<typeof contentOf>): Promise<void> {
  await store.write(async ({ subjects }) => {
    const { revision } = await subjects.state(subject)
    await subjects.append(subject, content, revision)
  })
}
