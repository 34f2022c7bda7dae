import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'vitest'
import { endpoint } from '../../../contracts/endpoint.ts'
import type { Json, JsonObject } from '../../../contracts/index.ts'
import { decide } from '../../../contracts/index.ts'
import { openapi } from '../../../contracts/openapi/openapi.ts'
import { readOpenApi } from '../../../registry/services/openapi.ts'

const POST_VOTE: Json = {
  post: {
    parameters: [
      { $ref: '#/components/parameters/Poll' },
      { name: 'dry', in: 'query', schema: { type: 'boolean' } },
      { name: 'Accept', in: 'header', schema: { type: 'string' } },
      { name: 'session', in: 'cookie', schema: { type: 'string' } },
    ],
    requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Vote' } } } },
    responses: { '201': { $ref: '#/components/responses/Made' }, '4XX': { description: 'no' }, 'x-more': 1 },
  },
  parameters: [{ name: 'x-request-id', in: 'header', required: true, schema: { type: 'string', format: 'uuid' } }],
}

const document = (version: string, schemas: JsonObject): Json => ({
  openapi: version,
  paths: { '/polls/{poll}/votes': POST_VOTE },
  components: {
    parameters: { Poll: { name: 'poll', in: 'path', required: true, schema: { type: 'integer', format: 'int64' } } },
    responses: {
      Made: { content: { 'application/json; charset=utf-8': { schema: { $ref: '#/components/schemas/Vote' } } } },
    },
    schemas,
  },
})

describe('an OpenAPI document', () => {
  test('becomes its operations, with what they refer to', () => {
    const Option = { type: 'string', enum: ['cats', 'dogs'] }
    const Vote = { type: 'object', properties: { option: { $ref: '#/components/schemas/Option' } }, example: {} }
    const [operation, ...others] = readOpenApi(document('3.1.0', { Vote, Option, Unused: {} }), '')
    expect(others).toEqual([])
    const $defs = { Vote: { type: 'object', properties: { option: { $ref: '#/$defs/Option' } } }, Option }
    expect(operation).toEqual({
      method: 'POST',
      path: '/polls/{poll}/votes',
      request: {
        type: 'object',
        properties: {
          path: { type: 'object', properties: { poll: { type: 'integer' } }, required: ['poll'] },
          query: { type: 'object', properties: { dry: { type: 'boolean' } }, required: [] },
          headers: {
            type: 'object',
            properties: { 'x-request-id': { type: 'string', format: 'uuid' } },
            required: ['x-request-id'],
          },
          body: { $ref: '#/$defs/Vote' },
        },
        required: ['body'],
        $defs,
      },
      responses: {
        '201': { type: 'object', properties: { body: { $ref: '#/$defs/Vote' } }, required: ['body'], $defs },
        '4XX': { type: 'object', properties: {}, required: [] },
      },
    })
  })

  test('of version 3.0 has its own words for null and for bounds', () => {
    const Vote = {
      type: 'object',
      properties: {
        count: {
          type: 'integer',
          minimum: 0,
          exclusiveMinimum: true,
          maximum: 9,
          exclusiveMaximum: false,
          nullable: true,
        },
        option: { type: 'string', enum: ['a'], nullable: true },
        other: { $ref: '#/components/schemas/Other', description: 'is ignored beside a reference' },
      },
    }
    const [operation] = readOpenApi(document('3.0.3', { Vote, Other: { type: 'string', nullable: false } }), '')
    expect(operation?.request).toHaveProperty('$defs', {
      Vote: {
        type: 'object',
        properties: {
          count: { type: ['integer', 'null'], exclusiveMinimum: 0, maximum: 9 },
          option: { type: ['string', 'null'], enum: ['a', null] },
          other: { $ref: '#/$defs/Other' },
        },
      },
      Other: { type: 'string' },
    })
  })

  test('requires of a request nothing that is read-only, and of a response nothing that is write-only', () => {
    const properties = { id: { type: 'string', readOnly: true }, secret: { type: 'string', writeOnly: true } }
    const Vote = { type: 'object', properties, required: ['id', 'secret'] }
    const [operation] = readOpenApi(document('3.1.0', { Vote }), '')
    expect(operation?.request).toMatchObject({ $defs: { Vote: { required: ['secret'] } } })
    expect(operation?.responses['201']).toMatchObject({ $defs: { Vote: { required: ['id'] } } })
  })

  test('may be recursive', () => {
    const Vote = { type: 'object', properties: { next: { $ref: '#/components/schemas/Vote' } } }
    const [operation] = readOpenApi(document('3.1.0', { Vote }), '')
    expect(operation?.request).toMatchObject({ $defs: { Vote: { properties: { next: { $ref: '#/$defs/Vote' } } } } })
  })

  test('that our contracts made says what they say', () => {
    const vote = endpoint('vote', {
      method: 'POST',
      path: '/polls/:poll/votes',
      request: {
        path: { poll: Type.Integer() },
        query: { dry: Type.Optional(Type.Boolean()) },
        body: { option: Type.String() },
      },
      responses: { 201: { id: Type.String() }, 204: null },
    })
    const told = openapi({ title: 'votes', version: '1', serves: [vote] }, { guarded: false })
    const [operation] = readOpenApi(JSON.stringify(told), '')
    expect(operation).toMatchObject({ method: 'POST', path: '/polls/{poll}/votes' })
    const pairs = [
      [operation?.request, vote.request.root],
      [operation?.responses['201'], vote.responses['201']?.root],
      [operation?.responses['204'], vote.responses['204']?.root],
    ] as const
    for (const [read = false, said = false] of pairs) {
      expect(decide(read as never, said, { encoding: 'http' })).toMatchObject({ answer: 'compatible' })
      expect(decide(said, read as never, { encoding: 'http' })).toMatchObject({ answer: 'compatible' })
    }
  })

  test.each<[string, Json, string, RegExp]>([
    ['another version', { openapi: '2.0' }, '/openapi', /its version is "2.0"/],
    ['no object', [], '/openapi', /no object/],
    ['text that is no JSON', '{', '/openapi', /not JSON/],
    [
      'a reference to elsewhere',
      document('3.1.0', { Vote: { $ref: 'https://example.com/vote.json' } }),
      '/openapi/paths/~1polls~1{poll}~1votes/post/requestBody',
      /no schema in its components/,
    ],
    [
      'a reference to nothing',
      { openapi: '3.1.0', paths: { '/a': { $ref: '#/paths/~1b' } } },
      '/openapi/paths/~1a',
      /refers to nothing/,
    ],
    [
      'a circle of references',
      { openapi: '3.1.0', paths: { '/a': { $ref: '#/paths/~1a' } } },
      '/openapi/paths/~1a',
      /refers to nothing/,
    ],
    [
      'an operation that is none',
      { openapi: '3.1.0', paths: { '/a': { get: 1 } } },
      '/openapi/paths/~1a/get',
      /no operation/,
    ],
  ])('is refused for %s, with the place', (_what, sent, at, reason) => {
    const refused = {
      code: 'openapi.refused',
      message: expect.stringMatching(reason),
      details: expect.objectContaining({ at }),
    }
    expect(() => readOpenApi(sent, '/openapi')).toThrow(expect.objectContaining(refused))
  })
})
