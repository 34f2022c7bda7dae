import { describe, expect, test } from 'vitest'
import { parseBody, parseBodyText, serialize } from '../../../contracts/index.ts'
import { fc } from '../../support/property.ts'

const bytes = (text: string) => Buffer.from(text)

describe('a body', () => {
  test.each<[string, Uint8Array, unknown]>([
    ['with a byte order mark', bytes('\uFEFF{"a":1}'), { a: 1 }],
    ['of one text', bytes('"a:b"'), 'a:b'],
    [
      'with colons and escapes in its texts',
      bytes(String.raw`{"a\":":"\\","b":["c:\\\"d"]}`),
      { 'a":': '\\', b: ['c:\\"d'] },
    ],
    ['without anything', bytes(''), undefined],
    ['nested as deeply as is allowed', bytes('['.repeat(500) + ']'.repeat(500)), expect.any(Array)],
  ])('%s is read', (_, body, value) => {
    expect(parseBody(body)).toEqual({ value })
  })

  test.each<[string, Uint8Array, string, string]>([
    ['that is no JSON', bytes('{a:1}'), 'field.not-json', '/body'],
    ['of white space', bytes(' '), 'field.not-json', '/body'],
    ['with a tail', bytes('{}x'), 'field.not-json', '/body'],
    ['that is no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'text.ill-formed', '/body'],
    ['that is UTF-16', Buffer.from('{"a":1}', 'utf16le'), 'field.not-json', '/body'],
    ['with a key that stands twice', bytes('{"b":[{"a":1,"a":2}]}'), 'json.duplicate-key', '/body/b/0/a'],
    [
      'with a key that stands twice, written differently',
      bytes(String.raw`{"a":1,"\u0061":2}`),
      'json.duplicate-key',
      '/body/a',
    ],
    ['with __proto__ twice', bytes('{"__proto__":1,"__proto__":2}'), 'json.duplicate-key', '/body/__proto__'],
    ['with a number that has no value', bytes('{"a":1e400}'), 'json.number-too-large', '/body/a'],
    [
      'nested too deeply',
      bytes('['.repeat(501) + ']'.repeat(501)),
      'value.too-deep',
      expect.stringMatching(/^\/body/) as string,
    ],
    [
      'nested a hundred thousand times',
      bytes('{"a":'.repeat(1e5) + '1' + '}'.repeat(1e5)),
      'value.too-deep',
      expect.any(String) as string,
    ],
  ])('%s is refused', (_, body, code, at) => {
    expect(parseBody(body).findings).toEqual([expect.objectContaining({ code, at })])
  })

  test('__proto__ is a name like any other', () => {
    const { value } = parseBodyText('{"__proto__":{"isAdmin":true}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect((value as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  test('any JSON at all is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // As text: vitest takes a member `__proto__` for the prototype.
        expect(JSON.stringify(parseBodyText(text))).toBe(JSON.stringify({ value: JSON.parse(text) as unknown }))
      }),
    )
  })
})

class Vote {
  option = 'dogs'
  get secret() {
    return 1
  }
}

describe('what goes on the wire', () => {
  test.each<[string, unknown, string | undefined]>([
    ['plain data', { a: [1, 'x', null, true], b: {} }, '{"a":[1,"x",null,true],"b":{}}'],
    ['a member that is undefined', { a: undefined, b: 1 }, '{"b":1}'],
    ['undefined in a list', [undefined], '[null]'],
    ['NaN', { a: Number.NaN }, '{"a":null}'],
    ['-0', [-0], '[0]'],
    ['a Date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['toJSON', { toJSON: () => 5 }, '5'],
    ['a Map', new Map([['a', 1]]), '{}'],
    ['a class instance', new Vote(), '{"option":"dogs"}'],
    ['a function', () => 1, undefined],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
    ['a name __proto__', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ['numbers as names', { 2: 'b', 1: 'a' }, '{"1":"a","2":"b"}'],
  ])('for %s is what JSON says', (_, value, text) => {
    expect(serialize(value)).toEqual(text === undefined ? undefined : { text, value: JSON.parse(text) as unknown })
  })

  test('is read once, so that what is judged is what is sent', () => {
    let count = 0
    const restless = {
      get votes() {
        return count++ === 0 ? 1 : 'many'
      },
    }
    expect(serialize(restless)).toEqual({ text: '{"votes":1}', value: { votes: 1 } })
  })

  test.each([
    [
      'a cycle',
      () => {
        const a: unknown[] = []
        a.push(a)
        return a
      },
    ],
    ['a bigint', () => 1n],
  ])('is an error for %s', (_, make) => {
    expect(() => serialize(make())).toThrow(TypeError)
  })

  test('is, for any value, what JSON.stringify and JSON.parse make of it', () => {
    const values = fc.anything({ withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true })
    fc.assert(
      fc.property(values, (value) => {
        const text = JSON.stringify(value) as string | undefined
        expect(serialize(value)).toEqual(text === undefined ? undefined : { text, value: JSON.parse(text) as unknown })
      }),
    )
  })
})
