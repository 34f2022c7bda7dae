import { Type } from '@sinclair/typebox'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  compileRequestDecode,
  compileRequestEncode,
  endpoint,
  type RawRequest,
  type RequestParts,
} from '../../../contracts/index.ts'

const FindVotes = endpoint('FindVotes', {
  method: 'POST',
  path: '/polls/{poll}/votes/:option',
  request: {
    path: { poll: Type.Integer(), option: Type.String() },
    query: {
      limit: Type.Optional(Type.Integer({ maximum: 100 })),
      tag: Type.Optional(Type.Array(Type.String())),
      score: Type.Optional(Type.Array(Type.Number())),
      exact: Type.Optional(Type.Boolean()),
      where: Type.Optional(Type.Object({ city: Type.String() })),
      since: Type.Union([Type.Integer(), Type.Null()]),
    },
    headers: { 'X-Request-Id': Type.String(), 'X-Via': Type.Optional(Type.Array(Type.String())) },
    body: Type.Optional(Type.Object({ note: Type.String() })),
  },
  responses: { 200: Type.Unknown() },
})
const decode = compileRequestDecode(FindVotes)
const encode = compileRequestEncode(FindVotes)

const path = { poll: '7', option: 'dogs' }
const headers = { 'x-request-id': 'r1' }

test('the parts of a request have the types of the contract', () => {
  type Parts = RequestParts<typeof FindVotes>
  expectTypeOf<Parts['path']>().toEqualTypeOf<{ poll: number; option: string }>()
  expectTypeOf<Parts['query']['tag']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf<Parts['headers']['X-Request-Id']>().toEqualTypeOf<string>()
  expectTypeOf<Parts['body']>().toEqualTypeOf<{ note: string } | undefined>()
})

describe('decoding', () => {
  test.each<[string, RawRequest, object]>([
    [
      'texts by their types',
      { path, headers, query: { limit: '10', exact: 'true', since: '3' } },
      { limit: 10, exact: true, since: 3 },
    ],
    ['a single value of a list as a list of one', { path, headers, query: { tag: 'a' } }, { tag: ['a'], since: null }],
    [
      'repeats as a list',
      { path, headers, query: { tag: ['a', ''], score: ['1e2', '-0'] } },
      { tag: ['a', ''], score: [100, 0], since: null },
    ],
    [
      'objects from JSON',
      { path, headers, query: { where: '{"city":"Σπάρτη"}' } },
      { where: { city: 'Σπάρτη' }, since: null },
    ],
    ['a parameter that stands in a list of one', { path, headers, query: { limit: ['5'] } }, { limit: 5, since: null }],
  ])('reads %s', (_, raw, query) => {
    expect(decode(raw)).toEqual({
      parts: { path: { poll: 7, option: 'dogs' }, query, headers: { 'X-Request-Id': 'r1' } },
    })
  })

  test.each<[string, RawRequest, string, string]>([
    [
      'an integer with a leading zero',
      { path, headers, query: { limit: '010' } },
      'field.not-an-integer',
      '/query/limit',
    ],
    [
      'an integer beyond 2^53',
      { path: { ...path, poll: '9007199254740993' }, headers },
      'field.not-an-integer',
      '/path/poll',
    ],
    ['an empty integer', { path, headers, query: { limit: '' } }, 'field.not-an-integer', '/query/limit'],
    [
      'a number that is not finite',
      { path, headers, query: { score: ['1', '1e400'] } },
      'field.not-a-number',
      '/query/score/1',
    ],
    ['a boolean in another writing', { path, headers, query: { exact: '1' } }, 'field.not-a-boolean', '/query/exact'],
    ['an object that is no JSON', { path, headers, query: { where: '{city:1}' } }, 'field.not-json', '/query/where'],
    [
      'a parameter that stands twice',
      { path, headers, query: { limit: ['1', '1'] } },
      'field.duplicate',
      '/query/limit',
    ],
    [
      'a header that stands twice',
      { path, headers: { 'x-request-id': ['a', 'b'] } },
      'field.duplicate',
      '/headers/X-Request-Id',
    ],
    [
      'a value that its schema refuses',
      { path, headers, query: { limit: '101' } },
      'number.out-of-bounds',
      '/query/limit',
    ],
    ['a header that is missing', { path, headers: {} }, 'field.missing', '/headers/X-Request-Id'],
    ['a body that its schema refuses', { path, headers, body: { note: 1 } }, 'value.wrong-type', '/body/note'],
  ])('refuses %s', (_, raw, code, at) => {
    expect(decode(raw).findings).toEqual([expect.objectContaining({ code, at })])
  })

  test('tells all that is wrong with the texts at once', () => {
    const { findings } = decode({ path: { poll: 'x', option: '' }, query: { exact: '', limit: '1.5' }, headers })
    expect(findings?.map(({ at }) => at)).toEqual(['/path/poll', '/query/limit', '/query/exact'])
  })

  test('lets undeclared parameters and headers pass, and does not hand them on', () => {
    const { parts } = decode({ path, query: { page: ['1', '2'], since: '1' }, headers: { ...headers, accept: '*/*' } })
    expect(parts?.query).toEqual({ since: 1 })
    expect(parts?.headers).toEqual({ 'X-Request-Id': 'r1' })
  })

  test('changes nothing of what came', () => {
    const raw = { path, query: { tag: ['a'], limit: '1' }, headers, body: { note: 'n', more: [1] } }
    const before = structuredClone(raw)
    expect(decode(raw).parts?.body).toBe(raw.body)
    expect(raw).toEqual(before)
  })
})

test('a closed query refuses what it does not declare; a pattern gives a type to what it matches', () => {
  const Closed = endpoint('Closed', {
    method: 'GET',
    path: '/',
    request: {
      query: Type.Object({ a: Type.Optional(Type.String()) }, { additionalProperties: false }),
      headers: Type.Unsafe({
        type: 'object',
        patternProperties: { '^x-n-': { type: 'integer' } },
        additionalProperties: false,
      }),
    },
    responses: { 200: null },
  })
  const closed = compileRequestDecode(Closed)
  expect(closed({ query: { b: '1' } }).findings).toEqual([
    expect.objectContaining({ code: 'field.undeclared', at: '/query/b' }),
  ])
  expect(closed({ query: {}, headers: { 'x-n-a': '5', host: 'h' } }).parts).toEqual({
    query: {},
    headers: { 'x-n-a': 5 },
  })
  expect(closed({ query: {}, headers: { 'x-n-a': 'five' } }).findings).toEqual([
    { code: 'field.not-an-integer', at: '/headers/x-n-a' },
  ])
})

test('a name of every object is a name like any other', () => {
  const Odd = endpoint('Odd', {
    method: 'GET',
    path: '/',
    request: { query: { constructor: Type.Optional(Type.String()), toString: Type.String() } },
    responses: { 200: null },
  })
  const odd = compileRequestDecode(Odd)
  expect(odd({ query: {} }).findings).toEqual([
    expect.objectContaining({ code: 'field.missing', at: '/query/toString' }),
  ])
  const query = JSON.parse('{"__proto__":"p","toString":"t","constructor":"c"}') as Record<string, string>
  expect(Object.entries((odd({ query }).parts as { query: object }).query)).toEqual([
    ['constructor', 'c'],
    ['toString', 't'],
  ])
})

describe('encoding', () => {
  const parts = { path: { poll: 7, option: 'a/b' }, query: { since: null }, headers: { 'X-Request-Id': 'r1' } }

  test('writes each part in its texts', () => {
    const query = { since: 3, tag: ['a b', '&'], exact: false, where: { city: 'Köln' } }
    const { request } = encode({
      ...parts,
      query,
      headers: { 'X-Request-Id': 'r', 'X-Via': ['a', 'b'] },
      body: { note: 'n' },
    })
    expect(request).toEqual({
      target: '/polls/7/votes/a%2Fb?since=3&tag=a%20b&tag=%26&exact=false&where=%7B%22city%22%3A%22K%C3%B6ln%22%7D',
      headers: [
        ['X-Request-Id', 'r'],
        ['X-Via', 'a'],
        ['X-Via', 'b'],
      ],
      body: '{"note":"n"}',
    })
  })

  test.each<[string, object, string, string]>([
    ['an undeclared parameter', { query: { since: null, page: 1 } }, 'field.undeclared', '/query/page'],
    ['a list without items', { query: { since: null, tag: [] } }, 'list.empty', '/query/tag'],
    ['a path parameter without a text', { path: { poll: 7, option: '' } }, 'text.no-form', '/path/option'],
    ['a path parameter that would be a step', { path: { poll: 7, option: '..' } }, 'text.no-form', '/path/option'],
    [
      'a header with a line break',
      { headers: { 'X-Request-Id': 'a\r\nb: c' } },
      'text.no-form',
      '/headers/X-Request-Id',
    ],
    ['a header with spaces around it', { headers: { 'X-Request-Id': ' a' } }, 'text.no-form', '/headers/X-Request-Id'],
    ['a header in another script', { headers: { 'X-Request-Id': 'Σ' } }, 'text.no-form', '/headers/X-Request-Id'],
    [
      'a comma in a list of headers',
      { headers: { 'X-Request-Id': 'a', 'X-Via': ['a,b'] } },
      'text.no-form',
      '/headers/X-Via/0',
    ],
    ['half of a surrogate pair', { query: { since: null, tag: ['\ud800'] } }, 'text.ill-formed', '/query/tag/0'],
    ['a body that JSON says otherwise', { body: { note: new Date(Number.NaN) } }, 'value.wrong-type', '/body/note'],
    ['a body that JSON cannot say', { body: { note: 1n } }, 'value.not-json', '/body'],
  ])('refuses %s', (_, changed, code, at) => {
    expect(encode({ ...parts, ...changed }).findings).toEqual([expect.objectContaining({ code, at })])
  })
})

describe('a contract is refused', () => {
  test.each<[string, () => unknown, string]>([
    [
      'a query of mixed kinds',
      define({ query: { a: Type.Union([Type.String(), Type.Integer()]) } }),
      '/query/a may be',
    ],
    [
      'a list beside a single value',
      define({ query: { a: Type.Union([Type.String(), Type.Array(Type.String())]) } }),
      '/query/a may be',
    ],
    [
      'a list whose items may be null',
      define({ query: { a: Type.Array(Type.Union([Type.String(), Type.Null()])) } }),
      '/query/a',
    ],
    [
      'optional and nullable at once',
      define({ headers: { a: Type.Optional(Type.Union([Type.String(), Type.Null()])) } }),
      '/headers/a may be absent and may be null',
    ],
    ['a query that is no object', define({ query: Type.String() }), '/query describes something else'],
    [
      'a path parameter that is not in the path',
      define({ path: { id: Type.String() } }),
      'which its path "/" does not have',
    ],
    ['a header twice', define({ headers: { A: Type.String(), a: Type.String() } }), 'header names know no case'],
    ['two parameters of one name', define({}, '/{a}/:a'), 'two parameters "a"'],
    ['a body for GET', define({ body: {} }, '/', 'GET'), 'declares a body for GET'],
    ['a body for 204', () => endpoint('E', { method: 'GET', path: '/', responses: { 204: {} } }), '204: null'],
    [
      'a call whose path it does not describe',
      () => compileRequestEncode(endpoint('E', { method: 'GET', path: '/{id}', responses: {} })),
      'does not describe the parameter "id"',
    ],
  ])('for %s', (_, refused, words) => {
    expect(refused).toThrow(words)
  })
})

const define =
  (request: object, at = '/', method: 'GET' | 'POST' = 'POST') =>
  () =>
    endpoint('E', { method, path: at, request, responses: {} })
