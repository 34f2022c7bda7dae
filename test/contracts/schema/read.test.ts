import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'vitest'
import { canonicalJson, explain, readSchema, SCHEMA_LIMITS } from '../../../contracts/index.ts'

function codes(source: string | object): [string, string][] {
  return (readSchema(source).findings ?? []).map(({ code, at }) => [code, at])
}

describe('reads', () => {
  test.each([
    ['an untagged schema', '{"type":"object"}', 'typebox'],
    ['draft-07', '{"$schema":"http://json-schema.org/draft-07/schema#"}', 'draft-07'],
    ['draft-07 spelt with https', '{"$schema":"https://json-schema.org/draft-07/schema"}', 'draft-07'],
    ['2019-09', '{"$schema":"https://json-schema.org/draft/2019-09/schema"}', '2019-09'],
    ['2020-12', '{"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[true]}', '2020-12'],
    ['a boolean', 'true', 'typebox'],
  ])('%s', (_, text, dialect) => {
    expect(readSchema(text).schema?.dialect).toBe(dialect)
  })

  test('what TypeBox makes, tuples and recursion by name included', () => {
    const Tree = Type.Recursive((Self) => Type.Object({ pair: Type.Tuple([Type.String(), Self]) }), { $id: 'Tree' })
    expect(readSchema(Tree).findings).toBeUndefined()
  })

  test.each([
    ['by pointer', { $ref: '#/$defs/a', $defs: { a: {} } }],
    ['by pointer with escapes', { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': {} } }],
    ['by anchor', { $ref: '#here', $defs: { a: { $anchor: 'here' } } }],
    ['by relative $id', { $id: 'https://example.com/root', $ref: 'part', $defs: { a: { $id: 'part' } } }],
    ['into its own part', { properties: { next: { $ref: '#' } } }],
    ['under a keyword that is unknown', { $ref: '#/components/a', components: { a: { type: 'string' } } }],
  ])('a reference %s', (_, schema) => {
    expect(codes(schema)).toEqual([])
  })
})

function names(count: number): { [name: string]: true } {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, true]))
}

function fingerprint(text: string): string | undefined {
  return readSchema(text).schema?.fingerprint
}

describe('refuses', () => {
  const deep = '['.repeat(10_000) + ']'.repeat(10_000)
  test.each<[string, string | object, string, string]>([
    ['what is not JSON', '{"type":', 'json.malformed', ''],
    ['a key that stands twice', '{"properties":{"a":true,"b":{},"a":false}}', 'json.duplicate-key', '/properties/a'],
    ['a property named __proto__', '{"properties":{"__proto__":{}}}', 'json.forbidden-name', '/properties/__proto__'],
    ['U+0000', '{"const":"\\u0000"}', 'json.nul-character', '/const'],
    ['a number that is infinite', '{"enum":[1,1e400]}', 'json.number-too-large', '/enum/1'],
    ['a number instead of a schema', '12', 'schema.not-a-schema', ''],
    ['an unknown type', '{"properties":{"a":{"type":"strin"}}}', 'schema.not-a-schema', '/properties/a/type'],
    ['a dialect of old', '{"$schema":"http://json-schema.org/draft-04/schema#"}', 'schema.unknown-dialect', '/$schema'],
    ['a document that is too large', `"${'x'.repeat(SCHEMA_LIMITS.bytes)}"`, 'schema.too-large', ''],
    ['too many properties', { properties: names(SCHEMA_LIMITS.properties + 1) }, 'schema.too-many', '/properties'],
    [
      'too many branches',
      { anyOf: Array.from({ length: SCHEMA_LIMITS.branches + 1 }, () => true) },
      'schema.too-many',
      '/anyOf',
    ],
    [
      'too many values',
      { enum: Array.from({ length: SCHEMA_LIMITS.enumValues + 1 }, (_, i) => i) },
      'schema.too-many',
      '/enum',
    ],
    [
      'a pattern that is too long',
      { pattern: 'a'.repeat(SCHEMA_LIMITS.patternLength + 1) },
      'pattern.too-long',
      '/pattern',
    ],
    ['a pattern that is none', { patternProperties: { '(': true } }, 'pattern.invalid', '/patternProperties/('],
    ['a remote reference', { $ref: 'http://169.254.169.254/latest' }, 'ref.unresolved', '/$ref'],
    ['a file reference', { items: { $ref: 'file:///etc/passwd' } }, 'ref.unresolved', '/items/$ref'],
    ['a reference to nowhere', { $ref: '#/$defs/none' }, 'ref.unresolved', '/$ref'],
    ['a reference to itself', { $ref: '#' }, 'ref.circular', ''],
    [
      'a circle of two',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      'ref.circular',
      '/$defs/b',
    ],
    [
      'a circle through allOf',
      { $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' },
      'ref.circular',
      '/$defs/a/allOf/0',
    ],
  ])('%s, and says where', (_, source, code, at) => {
    expect(codes(source)).toEqual([[code, at]])
  })

  test('nesting beyond the limit, before anything recurses into it', () => {
    const [finding] = readSchema(deep).findings ?? []
    expect(finding?.code).toBe('schema.too-deep')
  })

  test('with the name of the limit in words', () => {
    const [finding] = readSchema({ pattern: 'a'.repeat(1001) }).findings ?? []
    expect(finding && explain(finding)).toBe(
      '/pattern is a pattern of 1001 characters, more than the limit patternLength (1000) allows',
    )
  })
})

describe('the fingerprint', () => {
  test('does not change with key order and white space', () => {
    expect(fingerprint('{"type":"object","required":["a"]}')).toBe(
      fingerprint('{ "required": ["a"],\n "type": "object" }'),
    )
  })

  test('changes with everything else', () => {
    const texts = [
      '{"const":1}',
      '{"const":"1"}',
      '{"const":null}',
      '{"enum":[1]}',
      '{"enum":[1,2]}',
      '{"enum":[2,1]}',
      'true',
      '{}',
    ]
    expect(new Set(texts.map(fingerprint)).size).toBe(texts.length)
  })

  test('comes from a canonical form that reads back as the same document', () => {
    const document = { b: [1, { d: null, c: 'é\u2028' }], a: -1.5e-7, '': true }
    expect(canonicalJson(document)).toBe('{"":true,"a":-1.5e-7,"b":[1,{"c":"é\u2028","d":null}]}')
    expect(JSON.parse(canonicalJson(document))).toEqual(document)
  })
})
