import { expect, test } from 'vitest'
import { decide } from '../../../contracts/index.ts'
import { assemble, readDocument, type SchemaDocument } from '../../../registry/verdicts/document.ts'

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#'

function documentOf(schema: unknown, others: { readonly [name: string]: unknown } = {}): SchemaDocument {
  const documents = Object.entries(others).map(([name, other]) => [name, JSON.stringify(other)])
  return { text: JSON.stringify(schema), documents: Object.fromEntries(documents) }
}

function fingerprintOf(document: SchemaDocument): string | undefined {
  const read = readDocument(document)
  return read.findings === undefined ? read.fingerprint : undefined
}

test('texts that say the same have one fingerprint and one canonical form', () => {
  const one = readDocument({ text: '{"type":"string","title":"a"}', documents: {} })
  const other = readDocument({ text: ' { "title" : "\\u0061", "type" : "string" } ', documents: {} })
  expect(other).toEqual(one)
  expect(one).toMatchObject({ canonical: '{"title":"a","type":"string"}' })
})

test.each([{}, { 'base.json': { type: 'string' } }])(
  'the canonical form is the text itself where numbers in it would change',
  (others) => {
    const text = '{ "maximum": 9007199254740993 }'
    expect(readDocument({ ...documentOf({}, others), text })).toMatchObject({ canonical: text })
  },
)

test('what a document refers to is a part of its fingerprint, and not of its canonical form', () => {
  const schema = { $ref: 'base.json' }
  const one = readDocument(documentOf(schema, { 'base.json': { type: 'string' } }))
  const other = readDocument(documentOf(schema, { 'base.json': { type: 'number' } }))
  expect(one).toMatchObject({ canonical: '{"$ref":"base.json"}', fingerprint: expect.any(String) })
  expect(other).toMatchObject({ canonical: '{"$ref":"base.json"}' })
  expect(other).not.toEqual(one)
})

test('two documents with the same parts in another order have one fingerprint', () => {
  const schema = { allOf: [{ $ref: 'a.json' }, { $ref: 'b.json' }] }
  const one = fingerprintOf(documentOf(schema, { 'a.json': { title: 'a' }, 'b.json': { title: 'b' } }))
  const other = fingerprintOf(documentOf(schema, { 'b.json': { title: 'b' }, 'a.json': { title: 'a' } }))
  expect(other).toBe(one)
})

test.each<[string, SchemaDocument, string]>([
  ['no JSON', { text: '{', documents: {} }, 'json.malformed'],
  ['no JSON, beside others', { text: '{', documents: { a: '{}' } }, 'json.malformed'],
  ['a key that stands twice', { text: '{"a":1,"a":2}', documents: {} }, 'json.duplicate-key'],
  ['a name that nothing has', documentOf({ $ref: 'a.json' }, { 'b.json': {} }), 'ref.unresolved'],
  ['a circle by way of another', documentOf({ $ref: 'a.json' }, { 'a.json': { $ref: '#' } }), 'ref.circular'],
])('finds %s', (_what, document, code) => {
  expect(readDocument(document).findings).toMatchObject([{ code }])
})

test.each([
  [{ $schema: DRAFT_7 }, {}],
  [{}, { $schema: DRAFT_7 }],
  [{ $schema: 'https://json-schema.org/draft/2020-12/schema' }, { $schema: DRAFT_7 }],
])('names the document of another dialect: %j refers to %j', (schema, other) => {
  expect(readDocument(documentOf(schema, { 'a.json': other }))).toEqual({ findings: [], otherDialect: 'a.json' })
})

test.each([true, false])('a document may be %j', (schema) => {
  const assembled = assemble(documentOf({ $ref: 'a.json' }, { 'a.json': schema }))
  expect(decide({ const: 1 }, assembled, { policy: 'strict' }).answer).toBe(schema ? 'compatible' : 'incompatible')
})

test('a document of draft-07 that is nothing but a reference can be referred to, and so can its definitions', () => {
  const other = { $schema: DRAFT_7, $ref: '#/definitions/o', definitions: { o: { type: 'string' } } }
  for (const $ref of ['a.json', 'a.json#/definitions/o']) {
    const assembled = assemble(documentOf({ $schema: DRAFT_7, properties: { a: { $ref } } }, { 'a.json': other }))
    const writer = { $schema: DRAFT_7, type: 'object', properties: { a: { type: 'string' } } }
    expect(decide(writer, assembled, { policy: 'strict' }).answer).toBe('compatible')
    expect(decide({ ...writer, properties: {} }, assembled, { policy: 'strict' }).answer).toBe('incompatible')
  }
})
