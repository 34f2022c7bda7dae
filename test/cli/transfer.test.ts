import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { openSqliteStore } from '../../registry/store/sqlite/open.ts'
import type { StoreRecord } from '../../registry/store/store.ts'
import { contentOf, EVERYTHING, restore } from '../registry/transfer/stores.ts'
import { createDatabase } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { concordat } from './in-process.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

test('export writes a store to stdout, and import makes the same of it elsewhere', async () => {
  const [from, to] = [await folderWith(EVERYTHING), await temporaryFolder()]
  const exported = await concordat(['export', '--data', from])
  expect(exported).toMatchObject({ code: 0, stderr: 'Exported 2 schemas, 4 versions and 4 subjects.\n' })
  const file = join(to, 'all.ndjson')
  await writeFile(file, exported.stdout)
  expect(await concordat(['import', file, '--data', join(to, 'data')])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Imported 2 schemas, 4 versions and 4 subjects.\n',
  })
  expect((await concordat(['export', '--data', join(to, 'data')])).stdout).toBe(exported.stdout)
})

test('export --out writes a file and leaves nothing else beside it', async () => {
  const [from, to] = [await folderWith(EVERYTHING), await temporaryFolder()]
  const file = join(to, 'all.ndjson')
  await writeFile(file, 'an older one')
  const { code, stdout } = await concordat(['export', '--data', from, '--out', file])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(await readFile(file, 'utf8')).toBe((await concordat(['export', '--data', from])).stdout)
  expect(await readdir(to)).toEqual(['all.ndjson'])
})

test('import --json prints the counts as one line of JSON', async () => {
  const from = await folderWith(EVERYTHING)
  const file = join(from, 'all.ndjson')
  await concordat(['export', '--data', from, '--out', file])
  const imported = await concordat(['import', file, '--data', join(from, 'new'), '--json'])
  expect(imported).toEqual({ code: 0, stdout: '{"schemas":2,"versions":4,"subjects":4}\n', stderr: '' })
})

test('export --json prints the counts as one line of JSON, and wants a file for the rest', async () => {
  const from = await folderWith(EVERYTHING)
  const exported = await concordat(['export', '--data', from, '--out', join(from, 'all.ndjson'), '--json'])
  expect(exported).toEqual({ code: 0, stdout: '{"schemas":2,"versions":4,"subjects":4}\n', stderr: '' })
  const unnamed = await concordat(['export', '--data', from, '--json'])
  expect({ code: unnamed.code, told: JSON.parse(unnamed.stdout) }).toEqual({
    code: 2,
    told: { error: 'usage.wrong', message: expect.stringMatching(/^--json tells the counts on stdout/) },
  })
})

test('import and export take the database that DATABASE_URL names', async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  const env = { DATABASE_URL: database.url }
  const from = await folderWith(EVERYTHING)
  const file = join(from, 'all.ndjson')
  await concordat(['export', '--data', from, '--out', file])
  expect(await concordat(['import', file], { env })).toMatchObject({ code: 0 })
  expect((await concordat(['export'], { env })).stdout).toBe(await readFile(file, 'utf8'))
})

test.each([['export'], ['import', MAIN]])('%s takes no folder beside a database', async (...args) => {
  const env = { DATABASE_URL: 'postgres://nowhere/votes' }
  const { code, stderr } = await concordat([...args, '--data', 'folder'], { env })
  expect(code).toBe(2)
  expect(stderr).toContain('--data names a folder, and the environment a database')
})

test('export ends quietly when nobody reads on', async () => {
  const large = Array.from({ length: 400 }, (_, i): StoreRecord => {
    return {
      kind: 'schema',
      schema: { id: i + 1, ...contentOf({ text: JSON.stringify({ title: `${i}`.repeat(2000) }) }) },
    }
  })
  const child = spawn(process.execPath, [MAIN, 'export', '--data', await folderWith(large)], { env: {} })
  let stderr = ''
  child.stderr.on('data', (chunk) => void (stderr += String(chunk)))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  await once(child, 'close')
  expect({ code: child.exitCode, stderr }).toEqual({ code: 0, stderr: '' })
})

test('export of a folder without a database says so and makes none', async () => {
  const data = join(await temporaryFolder(), 'data')
  const { code, stdout, stderr } = await concordat(['export', '--data', data])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^".*concordat\.db" is not there, .*--data\.\n$/)
  expect(existsSync(data)).toBe(false)
})

test('export --out into a folder that is not there says so', async () => {
  const from = await folderWith(EVERYTHING)
  const { code, stderr } = await concordat(['export', '--data', from, '--out', join(from, 'none', 'a')])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^".*" cannot be written \(ENOENT\): .*\n$/),
  })
})

test('import refuses a store that is not empty', async () => {
  const from = await folderWith(EVERYTHING)
  const file = join(from, 'all.ndjson')
  await concordat(['export', '--data', from, '--out', file])
  const { code, stderr } = await concordat(['import', file, '--data', from])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^The store is not empty: .*\n$/) })
})

test('import refuses a file that is cut off, and names the line', async () => {
  const from = await folderWith(EVERYTHING)
  const file = join(from, 'all.ndjson')
  const { stdout } = await concordat(['export', '--data', from])
  await writeFile(file, stdout.slice(0, -100))
  const { code, stderr } = await concordat(['import', file, '--data', join(from, 'new')])
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^Line 13 of the file cannot be imported .*\n$/),
  })
})

test.each([
  [['import'], 'Usage: concordat import'],
  [['import', '/nowhere/all.ndjson'], 'It cannot be read: ENOENT'],
  [['import', '/dev/null'], 'It is no file.'],
  [['export', 'extra'], 'Usage: concordat export'],
])('%j is wrong usage: exit code 2', async (args, words) => {
  const { code, stdout, stderr } = await concordat(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(words)
})

async function folderWith(records: readonly StoreRecord[]): Promise<string> {
  const folder = await temporaryFolder()
  await using store = await openSqliteStore(folder)
  await restore(store, records)
  return folder
}
