import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type ChangedPlace,
  decide,
  type Json,
  type JsonSchema,
  type Mark,
  semanticDiff,
} from '../../../contracts/index.ts'
import { pairs } from '../../support/generated-schemas.ts'
import { nested, object, taggedUnion, wide } from '../../support/hostile-schemas.ts'
import { ajvJudge } from '../../support/judges.ts'
import { fc } from '../../support/property.ts'

const version = (n: number) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, `../../../docs/samples-and-diffs/votes-${n}.json`), 'utf8'),
  ) as JsonSchema

test('the two versions of the docs differ in these places', () => {
  const { root } = semanticDiff(version(1), version(2))

  expect(root.changes).toMatchObject([
    {
      kind: 'renamed',
      from: 'option',
      name: 'vote',
      mark: {
        forOldData: { answer: 'breaking', witness: { option: 'cats' } },
        forOldReaders: { answer: 'breaking', witness: { vote: 'cats' } },
      },
    },
  ])

  expect(root.below).toMatchObject([
    {
      at: '/weight',
      changes: [
        {
          kind: 'changed',
          keyword: 'maximum',
          older: { pointer: '/properties/weight/maximum', value: 5 },
          newer: { pointer: '/properties/weight/maximum', value: 9 },
          mark: {
            forOldData: { answer: 'safe' },
            forOldReaders: { answer: 'breaking', witness: { option: 'cats', weight: 9 } },
          },
        },
      ],
    },
  ])
})

const placesIn = (place: ChangedPlace): ChangedPlace[] => [place, ...place.below.flatMap(placesIn)]
const answers = ({ forOldData, forOldReaders }: Mark) => `${forOldData.answer} ${forOldReaders.answer}`
const told = (older: JsonSchema, newer: JsonSchema) =>
  placesIn(semanticDiff(older, newer).root).flatMap(({ at, changes }) =>
    changes.map(({ kind, keyword, mark }) => `${at} ${kind} ${keyword}: ${answers(mark)}`),
  )

const closed = (properties: { [name: string]: JsonSchema }, required: readonly string[] = []) => ({
  ...object(properties, required),
  additionalProperties: false,
})
const text = { type: 'string' }
const whole = { type: 'integer' }
const event = (kind: string, fields: { [name: string]: JsonSchema } = {}) =>
  object({ kind: { const: kind }, ...fields })
const shared = (d: JsonSchema, keyword: string) => ({ type: 'object', properties: { a: { [keyword]: d } } })

describe('a change and its mark, for old data and for old readers', () => {
  test.each<[string, JsonSchema, JsonSchema, readonly string[]]>([
    ['a lower bound raised', { minimum: 1 }, { minimum: 2 }, [' changed minimum: breaking safe']],
    ['a bound gone', { maximum: 1 }, {}, [' removed maximum: safe breaking']],
    ['another title', { title: 'a' }, { title: 'b' }, []],
    [
      'a bound said otherwise',
      { ...whole, minimum: 1 },
      { ...whole, exclusiveMinimum: 0 },
      [' removed minimum: safe breaking', ' added exclusiveMinimum: safe safe'],
    ],
    ['values in another order', { enum: [1, 2] }, { enum: [2, 1] }, []],
    ['a value more', { enum: [1, 2] }, { enum: [1, 2, 3] }, [' changed enum: safe breaking']],
    ['another type', text, whole, [' changed type: breaking breaking']],
    [
      'an optional field more',
      closed({ a: text }),
      closed({ a: text, b: whole }),
      ['/b added properties: safe breaking'],
    ],
    [
      'an optional field less',
      closed({ a: text, b: whole }),
      closed({ a: text }),
      ['/b removed properties: breaking safe'],
    ],
    [
      'a required field more',
      object({ a: text }),
      object({ a: text, b: whole }),
      ['/b added properties: breaking safe'],
    ],
    ['a field that must be there', object({ a: text }, []), object({ a: text }), ['/a added required: breaking safe']],
    [
      'a field that need not be there',
      object({ a: text }),
      object({ a: text }, []),
      ['/a removed required: safe breaking'],
    ],
    [
      'an object opened',
      closed({ a: text }),
      object({ a: text }, []),
      [' removed additionalProperties: safe breaking'],
    ],
    [
      'an item inside a field',
      object({ a: { type: 'array', items: { maxLength: 5 } } }),
      object({ a: { type: 'array', items: { maxLength: 9 } } }),
      ['/a/* changed maxLength: safe breaking'],
    ],
    ['a tuple', { items: [text, whole] }, { items: [text, text] }, ['/1 changed type: breaking breaking']],
    ['a branch more', { anyOf: [text] }, { anyOf: [text, whole] }, [' added anyOf: safe breaking']],
    ['a branch less', { oneOf: [event('a'), event('b')] }, { oneOf: [event('b')] }, [' removed oneOf: breaking safe']],
    [
      'a field of a branch',
      { oneOf: [event('a', { n: whole }), event('b')] },
      { oneOf: [event('b'), event('a', { n: text })] },
      ['/n changed type: breaking breaking'],
    ],
    ['a schema shut', object({ a: true }), object({ a: false }), ['/a changed : breaking safe']],
    [
      'a definition',
      { ...object({ a: { $ref: '#/$defs/d' } }), $defs: { d: { maximum: 1 } } },
      { ...object({ a: { $ref: '#/$defs/d' } }), $defs: { d: { maximum: 2 } } },
      ['/a changed maximum: safe breaking'],
    ],
    [
      'a field that brings its definition',
      closed({ a: text }),
      { ...closed({ a: text, b: { $ref: '#/$defs/d' } }), $defs: { d: { items: { $ref: '#/$defs/d' } } } },
      ['/b added properties: safe breaking'],
    ],
    [
      'a definition behind a negation',
      { not: { $ref: '#/$defs/d' }, $defs: { d: { maximum: 1 } } },
      { not: { $ref: '#/$defs/d' }, $defs: { d: { maximum: 2 } } },
      [' changed maximum: breaking safe'],
    ],
    ['a negation', shared({ const: 1 }, 'not'), shared({ const: 2 }, 'not'), ['/a changed not: breaking breaking']],
  ])('%s', (_, older, newer, changes) => {
    expect(told(older, newer)).toEqual(changes)
  })
})

const renames = (older: JsonSchema, newer: JsonSchema) =>
  placesIn(semanticDiff(older, newer).root)
    .flatMap(({ changes }) => changes)
    .filter(({ kind }) => kind === 'renamed')
    .map(({ from, name }) => `${from} ${name}`)

describe('a renamed field', () => {
  test('is told beside other changes of the same object', () => {
    expect(renames(closed({ a: text, n: { minimum: 1 } }), closed({ b: text, n: { minimum: 2 } }))).toEqual(['a b'])
  })

  test('is told inside an object', () => {
    expect(renames(object({ in: object({ a: text }) }), object({ in: object({ b: text }) }))).toEqual(['a b'])
  })

  test('is not told where its values do not fit', () => {
    expect(renames(object({ a: text }), object({ b: whole }))).toEqual([])
  })

  test('is not told where several are as likely', () => {
    expect(renames(object({ a: text, b: text }), object({ c: text }))).toEqual([])
  })
})

test('a place means what its changes mean together', () => {
  const { root } = semanticDiff({ enum: ['a', 'b'] }, { anyOf: [{ const: 'a' }, { const: 'b' }] })
  expect(root.changes).toHaveLength(2)
  expect(answers(root.mark)).toBe('safe safe')
})

test('a policy is that of decide', () => {
  const [older, newer] = [object({ a: text }), object({ a: text, b: whole }, ['a'])]
  expect(answers(semanticDiff(older, newer).root.mark)).toBe('breaking safe')
  expect(answers(semanticDiff(older, newer, { policy: 'as-declared' }).root.mark)).toBe('safe safe')
})

test('a schema that cannot be read has findings', () => {
  const { root, findings } = semanticDiff(true, { type: 'text' })
  expect(findings.map(({ code }) => code)).toEqual(['schema.not-a-schema'])
  expect(root.changes).toEqual([])
})

test.each<[string, JsonSchema, JsonSchema, boolean]>([
  ['many changes', wide(15, 15, () => whole), wide(15, 15, () => text), true],
  ['a union of 50 events', taggedUnion(50), taggedUnion(51), false],
  ['100 levels', nested(100, { minimum: 1 }), nested(100, { minimum: 2 }), false],
])('%s: no more than 200 are told, in a bounded time', { timeout: 60_000 }, (_, older, newer, isCut) => {
  const diff = semanticDiff(older, newer)
  expect(placesIn(diff.root).flatMap(({ changes }) => changes).length).toBeLessThanOrEqual(200)
  expect(diff.isCut).toBe(isCut)
})

const numRuns = Number(process.env.DECIDE_RUNS ?? 200)
const witnesses = ({ mark }: { readonly mark: Mark }, side: 'forOldData' | 'forOldReaders'): Json[] => {
  const judgement = mark[side]
  return judgement.answer === 'breaking' ? [judgement.witness] : []
}

describe('the differences of any pair', () => {
  const timeout = 60_000 + numRuns * 400

  test('are none only where the engine finds none', { timeout }, () => {
    const property = fc.property(pairs, ({ writer, reader }) => {
      const { root } = semanticDiff(writer, reader)
      const isSilent = root.changes.length + root.below.length === 0
      const isSame = [decide(writer, reader, { policy: 'strict' }), decide(reader, writer, { policy: 'strict' })]
      expect(isSilent && isSame.some(({ answer }) => answer === 'incompatible')).toBe(false)
    })
    fc.assert(property, { numRuns })
  })

  test('have witnesses that no other judge refutes, and are the same each time', { timeout }, () => {
    const property = fc.property(pairs, ({ writer, reader }) => {
      const { root } = semanticDiff(writer, reader)
      const [before, after] = [ajvJudge(writer), ajvJudge(reader)]
      const all = placesIn(root).flatMap((place) => [place, ...place.changes])
      expect(all.flatMap((one) => witnesses(one, 'forOldData')).filter((message) => before(message) === false)).toEqual(
        [],
      )
      expect(
        all.flatMap((one) => witnesses(one, 'forOldReaders')).filter((message) => before(message) === true),
      ).toEqual([])
      expect(witnesses(root, 'forOldData').filter((message) => after(message) === true)).toEqual([])
      expect(semanticDiff(writer, reader)).toEqual(semanticDiff(writer, reader))
    })
    fc.assert(property, { numRuns: numRuns / 2 })
  })
})
