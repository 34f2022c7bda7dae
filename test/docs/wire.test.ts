import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { compileDecode, stream } from '../../contracts/index.ts'
import { RESERVED } from '../../contracts/wire/reserved.ts'
import { codesIn, namesIn, read, rowsUnder } from './markdown.ts'

const types = {
  text: Type.String(),
  integer: Type.Integer(),
  number: Type.Number(),
  boolean: Type.Boolean(),
  JSON: Type.Union([Type.Object({}), Type.Array(Type.Any())]),
}

const rows = rowsUnder('docs/wire.md', 'Kinds').map(([kind = '', , accepted = '', refused = '', finding = '']) => ({
  kind,
  accepted: codesIn(accepted),
  refused: codesIn(refused),
  code: codesIn(finding)[0],
}))

/** The codes of the findings of an entry whose one field has this text. */
function findingsOf(kind: string, text: string): string[] {
  const value = types[kind as keyof typeof types]
  return (compileDecode(stream('s', { value }))(['value', text]).findings ?? []).map(({ code }) => code)
}

test('docs/wire.md lists every kind', () => {
  expect(rows.map(({ kind }) => kind)).toEqual(Object.keys(types))
})

test.each(rows.flatMap(({ kind, accepted }) => accepted.map((text) => ({ kind, text }))))(
  'the text %o is accepted as docs/wire.md says',
  ({ kind, text }) => {
    expect(findingsOf(kind, text)).toEqual([])
  },
)

test.each(rows.flatMap(({ kind, refused, code }) => refused.map((text) => ({ kind, text, code }))))(
  'the text %o is refused as docs/wire.md says',
  ({ kind, text, code }) => {
    expect(findingsOf(kind, text)).toEqual([code])
  },
)

test.each(['integer', 'number', 'boolean', 'JSON'])('the empty text is no %s', (kind) => {
  expect(findingsOf(kind, '')).toHaveLength(1)
})

test('docs/wire.md lists the reserved fields', () => {
  expect(namesIn(rowsUnder('docs/wire.md', 'Reserved fields'))).toEqual([...Object.values(RESERVED), '_dead_…'])
})

test('docs/wire.md lists what a dead letter carries', () => {
  const fields = new Set(read('streams/dead-letter.ts').match(/\b_dead_[a-z]+\b/g))
  fields.delete('_dead_fields')
  expect(namesIn(rowsUnder('docs/wire.md', 'Dead letters')).sort()).toEqual([...fields].sort())
})
