import { describe, expect, test } from 'vitest'
import type { Store, StoreRecord } from '../../../registry/store/store.ts'
import { importRecords } from '../../../registry/transfer/import.ts'
import { fc } from '../../support/property.ts'
import { contentOf, EVERYTHING, exportText, linesOf, newStore } from './stores.ts'

test('carries everything that a store can hold', async () => {
  await using from = await newStore(EVERYTHING)
  await using to = await newStore()
  const text = await exportText(from)
  expect(await importRecords(to, linesOf(text))).toEqual({ schemas: 2, versions: 4, subjects: 4 })
  expect(await exportText(to)).toBe(text)
  expect(await to.subjects.version('a', 1, 'deleted')).toMatchObject({ id: 1, deleted: true })
  expect(await to.subjects.referrers({ subject: 'a', version: 1 }, 'live')).toEqual([{ id: 4, subject: 'a' }])
  expect(await to.subjects.state('a')).toMatchObject({ lastVersion: 5, global: { mode: 'READONLY' } })
})

test('lets ids and versions go on where they were', async () => {
  await using from = await newStore(EVERYTHING)
  await using to = await newStore()
  await importRecords(to, linesOf(await exportText(from)))
  const appended = await to.write(async ({ subjects }) => {
    const { revision } = await subjects.state('a')
    return subjects.append('a', contentOf({ text: '{"title":"next"}' }), revision)
  })
  expect(appended).toEqual({ id: 10, version: 6 })
})

test('of any store makes one whose export is the same, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(stores(), async (records) => {
      await using from = await newStore(records)
      await using to = await newStore()
      const text = await exportText(from)
      await importRecords(to, linesOf(text))
      expect(await exportText(to)).toBe(text)
    }),
    { numRuns: 15 },
  )
})

test('carries more than one write takes, and texts of two megabytes', async () => {
  const large = JSON.stringify({ description: '"\n'.repeat(500_000) })
  const texts = [large, large.replace('"', ' "'), ...Array.from({ length: 1200 }, (_, i) => `{"title":"${i}"}`)]
  const records = texts.map(
    (text, i): StoreRecord => ({ kind: 'schema', schema: { id: i + 1, ...contentOf({ text }) } }),
  )
  await using from = await newStore([...records, { kind: 'counters', maxId: 5000 }])
  await using to = await newStore()
  const told: number[] = []
  await importRecords(to, linesOf(await exportText(from)), ({ schemas }) => told.push(schemas))
  expect(told).toEqual([500, 1000, 1202])
  expect((await to.schemas.byId(1))?.text).toBe(large)
})

test.each([
  ['a schema', { kind: 'counters', maxId: 1 }],
  ['settings', { kind: 'subject', subject: { name: '', lastVersion: 0, mode: 'READONLY' } }],
] as const)('refuses a store that holds %s', async (_, record) => {
  await using to = await newStore([record])
  const refused = importRecords(to, linesOf('{}'))
  await expect(refused).rejects.toMatchObject({ code: 'import.not-empty' })
})

test('refuses a store into which somebody writes while the file is checked', async () => {
  await using from = await newStore(EVERYTHING)
  await using to = await newStore()
  const open = linesOf(await exportText(from))
  async function* openLate(): AsyncGenerator<string> {
    yield* open()
    await to.write(({ subjects }) => subjects.configure('', { mode: 'READONLY' }))
  }
  await expect(importRecords(to, openLate)).rejects.toMatchObject({ code: 'import.not-empty' })
})

test('says how far it has come when the store fails in the middle', async () => {
  const texts = Array.from({ length: 600 }, (_, i) => `{"title":"${i}"}`)
  const records = texts.map(
    (text, i): StoreRecord => ({ kind: 'schema', schema: { id: i + 1, ...contentOf({ text }) } }),
  )
  await using from = await newStore([...records, { kind: 'counters', maxId: 600 }])
  await using to = await newStore()
  const stopped = importRecords(to, linesOf(await exportText(from)), () => void to.close())
  await expect(stopped).rejects.toMatchObject({
    code: 'import.incomplete',
    message: expect.stringMatching(/^The import stopped after 500 of 600 schemas .*\(The store is closed\): throw /),
    cause: { code: 'store.closed' },
  })
})

describe('refuses, with nothing written,', () => {
  const end = EVERYTHING.length + 1
  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ['an empty file', () => [], /^Line 1 .*cut off/],
    ['another file', () => ['{"a":1}'], /^Line 1 .*not the first line of an export/],
    ['a newer form', edit(0, '"form":1', '"form":4'), /^Line 1 .*form is 4.*newer release/],
    ['a file without its footer', (lines) => lines.slice(0, -1), /^Line 14 .*cut off/],
    ['a file that is cut off in a line', (lines) => [...lines.slice(0, 3), '{"kind":"sch'], /^Line 4 .*JSON/],
    ['a line that is no JSON', edit(3, '{', '<'), /^Line 4 .*JSON/],
    ['a key that stands twice', edit(1, '"id":1', '"id":1,"id":2'), /^Line 2 .*twice/],
    ['U+0000', edit(1, 'object', '\\u0000'), /^Line 2 /],
    ['an unknown kind', edit(3, '"kind":"version"', '"kind":"pact"'), /^Line 4 .*"pact" is unknown/],
    ['an unknown member', edit(3, '"id":', '"more":1,"id":'), /^Line 4 .*unknown member "more"/],
    ['a member that is missing', edit(3, ',"deleted":true', ''), /^Line 4 .*'deleted'/],
    [
      'a member of another type',
      edit(3, '"deleted":true', '"deleted":1'),
      /^Line 4 .*\/version\/deleted must be boolean/,
    ],
    ['an id of 0', edit(1, '"id":1', '"id":0'), /^Line 2 .*\/schema\/id must be >= 1/],
    ['an id over 32 bits', edit(1, '"id":1', '"id":2147483647'), /^Line 2 .*\/schema\/id must be <=/],
    ['an identity that is none', edit(1, /"identity":"../, '"identity":"'), /^Line 2 .*identity/],
    ['a guid that is none', edit(1, /"guid":"../, '"guid":"'), /^Line 2 .*guid/],
    ['ill-formed text', edit(1, 'object', '\\ud83d'), /^Line 2 .*ill-formed/],
    ['a schema that stands twice', (lines) => lines.toSpliced(2, 0, lines[1] ?? ''), /^Line 3 .*schema 1 stands twice/],
    ['a schema under two ids', copyUnder(2), /^Line 3 .*schema 2 is the same as another/],
    [
      'a version that stands twice',
      (lines) => lines.toSpliced(4, 0, lines[3] ?? ''),
      /^Line 5 .*version 1 of subject 'a' stands twice/,
    ],
    ['versions out of order', swap(4, 5), /^Line 6 .*version 3 of subject 'a' .*out of order/],
    [
      'a version without its schema',
      edit(3, '"id":1', '"id":2'),
      /^Line 4 .*version 1 of subject 'a' is schema 2, which is not/,
    ],
    ['a version of no subject', edit(3, '"subject":"a"', '"subject":""'), /^Line 4 .*\/version\/subject/],
    ['a control character in a name', edit(3, '"subject":"a"', '"subject":"\\n"'), /^Line 4 .*\/version\/subject/],
    ['a name that is too long', edit(5, 'ﬀ', 'ﬀ'.repeat(700)), /^Line 6 .*2048 bytes/],
    ['a subject that stands twice', (lines) => lines.toSpliced(9, 0, lines[8] ?? ''), /^Line 10 .*'a' stands twice/],
    [
      'a last version below a version',
      edit(8, '"lastVersion":5', '"lastVersion":2'),
      /^Line 9 .*is 2, and it has version 3/,
    ],
    ['a last version of the global settings', edit(7, '"lastVersion":0', '"lastVersion":2'), /^Line 8 .*global/],
    ['versions without their subject', (lines) => lines.toSpliced(8, 1), /^Line 12 .*'a' has versions and no line/],
    ['kinds out of order', swap(6, 7), /^Line 8 .*"version" stands after one of "subject"/],
    ['no counters', (lines) => lines.toSpliced(12, 1), /^Line 13 .*without its counters/],
    ['counters twice', (lines) => lines.toSpliced(12, 0, lines[12] ?? ''), /^Line 14 .*after the counters/],
    ['a counter below an id', edit(12, '"maxId":9', '"maxId":3'), /^Line 13 .*highest id is 3, and there is schema 4/],
    ['a footer with wrong lines', edit(end, '"lines":13', '"lines":12'), /^Line 14 .*counts 12 lines, and 13/],
    ['a footer with wrong counts', edit(end, '"versions":4', '"versions":5'), /^Line 14 .*counts 5 versions, and 4/],
    ['a line after the footer', (lines) => [...lines, '{}'], /^Line 15 .*after the last line/],
  ])('%s', async (_, change, sentence) => {
    await using from = await newStore(EVERYTHING)
    await using to = await newStore()
    const lines = (await exportText(from)).trimEnd().split('\n')
    async function* changed(): AsyncGenerator<string> {
      yield* change(lines)
    }
    const refused = importRecords(to, changed)
    await expect(refused).rejects.toMatchObject({ code: 'import.refused', message: expect.stringMatching(sentence) })
    expect(await isEmpty(to)).toBe(true)
  })
})

async function isEmpty({ schemas, subjects }: Store): Promise<boolean> {
  return (await schemas.list({ limit: 1 })).length === 0 && (await subjects.all({ limit: 1 })).length === 0
}

type Change = (lines: string[]) => string[]

function edit(line: number, from: string | RegExp, to: string): Change {
  return (lines) => {
    const changed = (lines[line] ?? '').replace(from, to)
    expect(changed).not.toBe(lines[line])
    return lines.with(line, changed)
  }
}

function swap(one: number, other: number): Change {
  return (lines) => lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '')
}

function copyUnder(id: number): Change {
  return (lines) => lines.toSpliced(2, 0, (lines[1] ?? '').replace('"id":1', `"id":${id}`))
}

/** What the registry accepts of JSON. */
function isKept(value: unknown): boolean {
  return !/\\u0000|__proto__/.test(JSON.stringify(value))
}

/** What stores can hold: gaps in ids and versions, deleted ones, settings with and without versions, any Unicode. */
function stores(): fc.Arbitrary<StoreRecord[]> {
  const text = fc.string({ unit: 'grapheme' })
  const json = fc.dictionary(text, fc.jsonValue()).map((value) => JSON.parse(JSON.stringify(value)) as object)
  const object = json.filter(isKept) as fc.Arbitrary<Record<string, never>>
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((drawn) => !/\p{Cc}/u.test(drawn))
  const settings = fc.record({ config: object, mode: fc.constantFrom('READONLY', 'READWRITE') }, { requiredKeys: [] })
  const parts = fc.record(
    {
      references: fc.array(
        fc.record({ name: text.filter(isKept), subject: name, version: fc.integer({ min: 1, max: 9 }) }),
      ),
      metadata: object,
      ruleSet: object,
    },
    { requiredKeys: [] },
  )
  const schema = fc.tuple(fc.integer({ min: 1, max: 3 }), parts)
  const version = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(), fc.boolean())
  const subject = fc.tuple(fc.array(version, { maxLength: 4 }), fc.nat({ max: 3 }), settings)
  return fc
    .tuple(
      fc.array(schema, { minLength: 1, maxLength: 6 }),
      fc.dictionary(name, subject, { noNullPrototype: true }),
      fc.option(settings),
      fc.nat(5),
    )
    .map(([schemas, subjects, global, unused]) => recordsOf({ schemas, subjects, global, unused }))
}

type Described = {
  readonly schemas: readonly (readonly [gap: number, parts: object])[]
  readonly subjects: Readonly<
    Record<
      string,
      readonly [versions: readonly (readonly [number, number, boolean])[], unused: number, settings: object]
    >
  >
  readonly global: object | null
  readonly unused: number
}

function recordsOf({ schemas, subjects, global, unused }: Described): StoreRecord[] {
  const ids = schemas.map((_, i) => schemas.slice(0, i + 1).reduce((sum, [gap]) => sum + gap, 0))
  const named = Object.entries(subjects)
  return [
    ...schemas.map(([, parts], i): StoreRecord => {
      return { kind: 'schema', schema: { id: ids[i] ?? 0, ...contentOf({ ...parts, text: `{"title":"ü ${i}"}` }) } }
    }),
    ...named.flatMap(([subject, [versions]]) =>
      versions.map(([, pick, deleted], i): StoreRecord => {
        return {
          kind: 'version',
          version: { subject, version: numberOf(versions, i), id: ids[pick % ids.length] ?? 0, deleted },
        }
      }),
    ),
    ...(global ? [{ kind: 'subject' as const, subject: { name: '', lastVersion: 0, ...global } }] : []),
    ...named.map(([name, [versions, more, settings]]): StoreRecord => {
      return {
        kind: 'subject',
        subject: { name, lastVersion: numberOf(versions, versions.length) + more, ...settings },
      }
    }),
    { kind: 'counters', maxId: (ids.at(-1) ?? 0) + unused },
  ]
}

function numberOf(versions: readonly (readonly [gap: number, ...unknown[]])[], index: number): number {
  return versions.slice(0, index + 1).reduce((sum, [gap]) => sum + gap, 0)
}
