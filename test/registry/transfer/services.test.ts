import { expect, test } from 'vitest'
import { importRecords } from '../../../registry/transfer/import.ts'
import { fillAll } from '../store/services.ts'
import { exportText, linesOf, newStore } from './stores.ts'

type Edit = (text: string) => string
const replace =
  (from: string | RegExp, to: string): Edit =>
  (text) =>
    text.replace(from, to)

test('an export with services says that it has form 2, and one without is as it always was', async () => {
  await using store = await newStore()
  expect(await exportText(store)).toMatch(/^{"concordat":"export","form":1}/)
  await fillAll(store)
  expect(await exportText(store)).toMatch(/^{"concordat":"export","form":2}/)
})

test('an export with audit rows says that it has form 3, and the rows stand behind those that a store has already', async () => {
  await using from = await newStore()
  const row = { who: 'tally-ci', credential: 'a1', action: 'PUT /api/x', outcome: 'done', count: 1 } as const
  const audit = (store: typeof from, who: string) => store.write((tx) => tx.audit.append([{ ...row, who }]))
  await audit(from, 'first')
  await audit(from, 'second')
  const text = await exportText(from)
  expect(text).toMatch(/^{"concordat":"export","form":3}/)
  await using to = await newStore()
  await importRecords(to, linesOf(text))
  expect(await exportText(to)).toBe(text)
  await using used = await newStore()
  await audit(used, 'here')
  await importRecords(used, linesOf(text))
  const rows = await used.audit.list({ limit: 9 })
  expect(rows.map(({ id, who }) => [id, who])).toEqual([
    [1, 'here'],
    [2, 'first'],
    [3, 'second'],
  ])
  await expect(importRecords(await newStore(), linesOf(text.replace('"form":3', '"form":2')))).rejects.toThrow(
    'a record of the kind "audit" stands in an export of form 2',
  )
})

test('a store that holds an environment, or a service, is not empty', async () => {
  await using store = await newStore()
  const entry = { name: 'eu', production: false, policy: 'as-declared' } as const
  await store.write(({ environments }) => environments.putEnvironment(entry))
  await expect(importRecords(store, linesOf('{}'))).rejects.toMatchObject({ code: 'import.not-empty' })
  await using other = await newStore()
  await other.write(({ services }) => services.putService('tally'))
  await expect(importRecords(other, linesOf('{}'))).rejects.toMatchObject({ code: 'import.not-empty' })
})

test.each<[string, Edit, RegExp]>([
  ['a version whose service is missing', replace(/{"kind":"service",.*\n/, ''), /service tally is not in the export/],
  [
    'a contract whose version is missing',
    replace(/{"kind":"service-version",.*\n/, ''),
    /tally 1 is not in the export/,
  ],
  [
    'a contract whose schema is missing',
    replace('"schemaId":1', '"schemaId":7'),
    /schema 7, which is not in the export/,
  ],
  ['a contract twice', replace(/({"kind":"contract",.*\n)/, '$1$1'), /stands twice, or out of order/],
  ['a verb that is none', replace('"verb":"reads"', '"verb":"hears"'), /verb/],
  ['two deployments in one slot', replace(/({"kind":"deployment",.*"id":)6(.*\n)/, '$16$2$17$2'), /stands twice/],
  [
    'a position that was passed',
    replace(/("kind":"position","position":)\d+/, '$11'),
    /the position is 1, and there is/,
  ],
  ['no position', replace(/{"kind":"position",.*\n/, ''), /ends without its position/],
  [
    'a service after its versions',
    replace(/({"kind":"service",.*\n)({"kind":"service-version",.*\n)/, '$2$1'),
    /service tally is not in the export/,
  ],
  ['services in form 1', replace('"form":2', '"form":1'), /stands after the counters/],
  ['ill-formed Unicode', replace('"reason":"we know"', '"reason":"\\ud800"'), /ill-formed/],
])('refuses %s, and writes nothing', async (_what, edit, reason) => {
  await using from = await newStore()
  await fillAll(from)
  await using to = await newStore()
  const text = await exportText(from)
  const edited = edit(text)
  expect(edited).not.toBe(text)
  await expect(importRecords(to, linesOf(edited))).rejects.toThrow(reason)
  expect(await to.environments.position()).toBe(0)
  expect(await to.schemas.maxId()).toBe(0)
})
