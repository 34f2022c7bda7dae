import { type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { describe, expect, test } from 'vitest'
import { type Described, endpoint, type JsonSchema, openapi } from '../../../contracts/index.ts'
import { isObject, type Json } from '../../../contracts/json.ts'
import { readSchema } from '../../../contracts/schema/read.ts'
import { ECHOED, echoing, lostReferencesIn, problemsOf, schemaAt } from './document.ts'

const GetVote = endpoint('GetVote', {
  method: 'GET',
  path: '/votes/{id}',
  request: { path: { id: Type.Integer() } },
  responses: { 200: { option: Type.String() } },
})

test('a document has the operation, its parameters, its answers, and what the guard answers by itself', async () => {
  const document = documentOf(GetVote)

  expect(document.paths).toEqual({
    '/votes/{id}': {
      get: {
        operationId: 'GetVote',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: {
          200: {
            description: 'The answer 200.',
            content: {
              'application/json': {
                schema: { type: 'object', properties: { option: { type: 'string' } }, required: ['option'] },
              },
            },
          },
          400: { description: 'The request breaks its contract.', content: problem },
          500: { description: 'The answer would have broken its contract, and was not sent.', content: problem },
        },
      },
    },
  })
  expect(await problemsOf(document)).toEqual([])
})

const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/concordat.Problem' } } }

test('without guards, nothing is told but what the contract says', () => {
  const document = openapi({ title: 'votes', version: '1', serves: [GetVote] }, { guarded: false })
  expect(Object.keys(operationIn(document, '/votes/{id}', 'get').responses as object)).toEqual(['200'])
  expect(document.components).toBeUndefined()
})

test('title, version, description and servers are told', () => {
  const options = { description: 'Votes.', servers: [{ url: 'https://votes.test' }] }
  expect(openapi({ title: 'votes', version: '2', serves: [] }, options)).toMatchObject({
    openapi: '3.1.1',
    info: { title: 'votes', version: '2', description: 'Votes.' },
    servers: [{ url: 'https://votes.test' }],
    paths: {},
  })
})

test('operations on one path stand together, however its parameters are written and named', async () => {
  const serves = [
    GetVote,
    endpoint('DropVote', { method: 'DELETE', path: '/votes/:vote', responses: { 204: null } }),
    endpoint('GetVote', { method: 'HEAD', path: '/votes/:vote', responses: { 200: null } }),
  ]
  const document = documentOf(...serves)
  expect(Object.keys(document.paths)).toEqual(['/votes/{id}'])
  expect(operationIn(document, '/votes/{id}', 'delete').parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
  ])
  expect(operationIn(document, '/votes/{id}', 'head').operationId).toBe('GetVote-2')
  expect(await problemsOf(document)).toEqual([])
})

describe('a query', () => {
  test('tells lists as repeats, objects as JSON, and null as absence', async () => {
    const { document, parameters } = parametersOf({
      option: Type.Array(Type.String()),
      where: Type.Object({ city: Type.String() }),
      since: Type.Union([Type.Integer(), Type.Null()]),
      limit: Type.Optional(Type.Integer()),
      box: Type.Optional(Type.Array(Type.Object({ x: Type.Number() }))),
    })
    expect(parameters).toEqual([
      {
        name: 'option',
        in: 'query',
        required: true,
        schema: { type: 'array', items: { type: 'string' } },
        style: 'form',
        explode: true,
      },
      {
        name: 'where',
        in: 'query',
        required: true,
        content: {
          'application/json': {
            schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
      },
      { name: 'since', in: 'query', schema: { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
      { name: 'limit', in: 'query', schema: { type: 'integer' } },
      {
        name: 'box',
        in: 'query',
        schema: { type: 'array', items: { type: 'string', contentMediaType: 'application/json' } },
        style: 'form',
        explode: true,
      },
    ])
    expect(await problemsOf(document)).toEqual([])
  })

  test('that says more than its fields do is one parameter whose members are the query', async () => {
    const either = Type.Union([Type.Object({ id: Type.Integer() }), Type.Object({ name: Type.String() })])
    const { document, parameters } = parametersOf(either)
    expect(parameters).toMatchObject([
      { name: 'query', in: 'query', style: 'form', explode: true, schema: { anyOf: [{}, {}] } },
    ])
    expect(await problemsOf(document)).toEqual([])
  })
})

test('headers are parameters, but for those that OpenAPI tells otherwise', async () => {
  const headers = {
    'X-Trace': Type.String(),
    Accept: Type.String(),
    'content-type': Type.String(),
    Authorization: Type.String(),
    'x-tags': Type.Optional(Type.Array(Type.String())),
  }
  const document = documentOf(
    endpoint('Find', { method: 'GET', path: '/votes', request: { headers }, responses: { 200: {} } }),
  )
  expect(operationIn(document, '/votes', 'get').parameters).toEqual([
    { name: 'X-Trace', in: 'header', required: true, schema: { type: 'string' } },
    { name: 'x-tags', in: 'header', schema: { type: 'array', items: { type: 'string' } }, style: 'simple' },
  ])
  expect(await problemsOf(document)).toEqual([])
})

test.each([
  ['HEAD', 200, { option: Type.String() }],
  ['DELETE', 204, null],
  ['GET', 200, null],
] as const)('an answer without JSON has no content: %s %d', (method, status, body) => {
  const document = documentOf(endpoint('Ask', { method, path: '/votes', responses: { [status]: body } }))
  const responses = operationIn(document, '/votes', method.toLowerCase()).responses
  expect(responses).toMatchObject({ [status]: { description: `The answer ${status}.` } })
  expect(responses).not.toMatchObject({ [status]: { content: {} } })
})

test('an answer that the contract and the guard give alike has the content of both', () => {
  const refused = { why: Type.String() }
  const document = documentOf(
    endpoint('Ask', { method: 'POST', path: '/votes', request: { body: refused }, responses: { 400: refused } }),
  )
  const { responses, requestBody } = operationIn(document, '/votes', 'post') as Record<string, Record<string, object>>
  expect(Object.keys(responses ?? {})).toEqual(['400', '413', '415', '500'])
  expect(responses).toMatchObject({ 400: { content: { 'application/json': {}, 'application/problem+json': {} } } })
  expect(requestBody).toMatchObject({ required: true })
})

describe('references', () => {
  const Tree = Type.Recursive(
    (This) => Type.Object({ name: Type.String({ description: 'Unique.' }), below: Type.Array(This) }),
    { $id: 'Tree' },
  )

  test('a recursive schema is one component, which refers to itself', async () => {
    const document = documentOf(
      endpoint('PutTree', { method: 'PUT', path: '/tree', request: { body: Tree }, responses: { 200: Tree } }),
    )
    expect(document.components?.schemas).toMatchObject({
      Tree: { type: 'object', properties: { below: { items: { $ref: '#/components/schemas/Tree' } } } },
    })
    expect(schemaAt(document, '/paths/~1tree/put/responses/200/content/application~1json/schema')).toMatchObject({
      allOf: [{ $ref: '#/components/schemas/Tree' }],
    })
    expect(await problemsOf(document)).toEqual([])
  })

  test('definitions of one name and content are one component, of other contents several', async () => {
    const serves = [
      listOf({ type: 'string' }),
      listOf({ type: 'integer' }),
      { ...listOf({ type: 'string' }), minItems: 1 },
    ]
    const document = documentOf(...serves.map((schema, i) => ({ ...echoing(schema), path: `/echo/${i}` })))
    const names = Object.keys(document.components?.schemas ?? {}).filter((name) => name.startsWith('item'))
    expect(names).toEqual(['item', 'item-2'])
    expect(lostReferencesIn(document)).toEqual([])
    expect(await problemsOf(document)).toEqual([])
  })

  test('thousands that follow one another are written in time, and in two contracts are the same', () => {
    const length = 2_000
    const $defs = Object.fromEntries(
      Array.from({ length }, (_, i): [string, Json] => [
        `d${i}`,
        { type: 'object', properties: { next: { $ref: `#/$defs/d${(i + 1) % length}` } } },
      ]),
    )
    const first = echoing({ $ref: '#/$defs/d0', $defs })
    const second = { ...echoing({ $ref: '#/$defs/d1', $defs }), path: '/other' }
    const document = documentOf(first, second)
    expect(lostReferencesIn(document)).toEqual([])
    expect(Object.keys(document.components?.schemas ?? {}).filter((name) => /^d\d/.test(name))).toHaveLength(length)
  })
})

test.each([
  [
    'draft-07',
    { items: [{ type: 'string' }], additionalItems: false },
    { prefixItems: [{ type: 'string' }], items: false },
  ],
  ['draft-07', { items: { type: 'string' }, additionalItems: false }, { items: { type: 'string' } }],
  ['draft-07', { minContains: 2, unevaluatedProperties: false, deprecated: 'yes' }, {}],
  [
    'draft-07',
    { dependencies: { a: ['b'], c: { required: ['d'] } } },
    { dependentRequired: { a: ['b'] }, dependentSchemas: { c: { required: ['d'] } } },
  ],
  ['2019-09', { items: [true] }, { prefixItems: [true] }],
  [
    '2019-09',
    { dependencies: { a: ['b', 'c'], d: false }, dependentRequired: { a: ['b'] }, dependentSchemas: { d: true } },
    { dependentRequired: { a: ['b', 'c'] }, dependentSchemas: { d: { allOf: [true, false] } } },
  ],
  [
    '2020-12',
    { prefixItems: [true], unevaluatedItems: false, items: false },
    { prefixItems: [true], unevaluatedItems: false, items: false },
  ],
  ['2020-12', { discriminator: 5, xml: true, 'x-own': { $ref: 'nowhere' }, nullable: true }, {}],
])('what %s says is said in 2020-12: %j', async (dialect, schema, told) => {
  const document = documentOf(echoing({ $schema: SCHEMAS[dialect] ?? '', title: 'it', ...schema }))
  expect(JSON.stringify(document)).toContain(JSON.stringify({ title: 'it', ...told }))
  expect(await problemsOf(document)).toEqual([])
})

const SCHEMAS: { readonly [dialect: string]: string } = {
  'draft-07': 'http://json-schema.org/draft-07/schema#',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
}

test('names of any kind keep the document valid', async () => {
  const names = [
    '__proto__',
    'a/b~c',
    '~1',
    '#',
    'ü💡',
    '',
    ' ',
    '"',
    '%2F',
    '$ref',
    'constructor',
    '{',
    'x'.repeat(300),
  ]
  const query = Object.fromEntries(names.filter((name) => name !== '__proto__').map((name) => [name, Type.String()]))
  const named = names.map((name, i) =>
    endpoint(name, { method: 'GET', path: `/n/${i}`, request: { query }, responses: { 200: query } }),
  )
  const paths = ['/{__proto__}', '/a b/{}', '/?q=1', '/#top', '/{é}/~/%2F', '/}{', '/::a', '/a-{b}.json'].map((path) =>
    endpoint('At', { method: 'POST', path, responses: { 200: {} } }),
  )
  const $defs = Object.fromEntries(
    names.filter((name) => name !== '__proto__').map((name) => [name, { type: 'string' }]),
  )
  const refs = Object.keys($defs).map((name) => ({
    $ref: `#/$defs/${encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))}`,
  }))
  const document = documentOf(...named, ...paths, { ...echoing({ anyOf: refs, $defs }), path: '/echo' })

  expect(await problemsOf(document)).toEqual([])
  expect(lostReferencesIn(document)).toEqual([])
  expect(schemaAt(document, ECHOED)).toMatchObject({ allOf: [{ $ref: expect.any(String) as string }] })
  expect(Object.keys(document.paths).every((path) => /^\/(?:[^{}?#\s]|\{[^{}]+\})*$/.test(path))).toBe(true)
})

test('equal contracts make equal documents', () => {
  const texts = [1, 2].map(() =>
    JSON.stringify(documentOf(GetVote, echoing({ title: 'it', $ref: '#/$defs/a', $defs: { a: true } }))),
  )
  expect(texts[0]).toBe(texts[1])
})

test('a document that is not valid is found out', async () => {
  const document = documentOf(GetVote)
  const broken = { ...document, components: { schemas: { It: { type: 'text' } } } }
  expect(await problemsOf(broken)).not.toEqual([])
})

describe('a document is refused for', () => {
  test.each([
    [
      'an operation that is served twice',
      [GetVote, { ...GetVote, path: '/votes/:other' }],
      'GET /votes/:other is served twice',
    ],
    [
      'a status that is none',
      [endpoint('It', { method: 'GET', path: '/', responses: { 99: {} } })],
      'It answers with status 99, which is none: use 100 to 599.',
    ],
    [
      'a reference that leads to different places',
      [
        echoing({
          $schema: SCHEMAS['2020-12'] ?? '',
          $dynamicRef: '#node',
          $defs: { a: { $dynamicAnchor: 'node' }, b: { $id: 'b', $dynamicAnchor: 'node' } },
        }),
      ],
      'Echo.request.body has a dynamic reference',
    ],
    [
      'what OpenAPI would read otherwise',
      [echoing({ type: 'array', contains: true, unevaluatedItems: false })],
      'Echo.request.body has "contains" and "unevaluatedItems"',
    ],
    [
      'a request that is not written part by part',
      [{ ...GetVote, request: schemaOf({ anyOf: [true] }) }],
      'GetVote has a schema that does not describe its parts under "properties"',
    ],
  ] as const)('%s', (_what, serves, words) => {
    expect(() => documentOf(...serves)).toThrow(words)
  })
})

function documentOf(...serves: Described['serves']): ReturnType<typeof openapi> {
  return openapi({ title: 'votes', version: '1', serves })
}

function parametersOf(query: TProperties | TSchema) {
  const document = documentOf(
    endpoint('Find', { method: 'GET', path: '/votes', request: { query }, responses: { 200: {} } }),
  )
  return { document, parameters: operationIn(document, '/votes', 'get').parameters }
}

function listOf(item: JsonSchema) {
  return { type: 'array', items: { $ref: '#/$defs/item' }, $defs: { item, other: { type: 'null' } } }
}

function operationIn({ paths }: ReturnType<typeof openapi>, path: string, method: string) {
  const operation = paths[path]?.[method]
  if (!isObject(operation)) throw new Error(`There is no ${method} ${path}.`)
  return operation
}

function schemaOf(source: object) {
  const { schema } = readSchema(source)
  if (!schema) throw new Error('It is no schema.')
  return schema
}
