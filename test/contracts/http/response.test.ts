import { Type } from '@sinclair/typebox'
import { expect, expectTypeOf, test } from 'vitest'
import { compileResponseCheck, endpoint, isJsonType, type ResponseOf } from '../../../contracts/index.ts'

const GetVotes = endpoint('GetVotes', {
  method: 'GET',
  path: '/votes',
  responses: {
    200: { votes: Type.Integer() },
    202: Type.Optional(Type.String()),
    204: null,
    404: { message: Type.String() },
  },
})

test('a response has the type of its status', () => {
  type Answer = ResponseOf<typeof GetVotes>
  expectTypeOf<Answer['status']>().toEqualTypeOf<200 | 202 | 204 | 404>()
  expectTypeOf<Extract<Answer, { status: 200 }>['body']>().toEqualTypeOf<{ readonly votes: number }>()
  expectTypeOf<Extract<Answer, { status: 204 }>['body']>().toEqualTypeOf<undefined>()
})

test.each<[number, unknown, 'reads' | 'writes', string | undefined]>([
  [200, { votes: 1 }, 'reads', undefined],
  [200, { votes: 1, more: 1 }, 'reads', undefined],
  [200, { votes: 1, more: 1 }, 'writes', 'field.undeclared /body/more'],
  [200, { votes: 1.5 }, 'reads', 'value.wrong-type /body/votes'],
  [200, undefined, 'reads', 'field.missing /body'],
  [204, undefined, 'writes', undefined],
  [204, null, 'writes', 'field.undeclared /body'],
  [404, { message: 1 }, 'reads', 'value.wrong-type /body/message'],
  [500, { message: 'm' }, 'reads', 'status.undeclared /status'],
])('%d with %j, as its %s it, is judged %s', (status, body, direction, found) => {
  const check = compileResponseCheck(GetVotes, direction)
  expect(check.findings(status, body).map(({ code, at }) => `${code} ${at}`)).toEqual(
    found === undefined ? [] : [found],
  )
  expect(check.accepts(status, body)).toBe(found === undefined)
})

test.each([
  ['application/json', true],
  ['Application/JSON ; charset=utf-8', true],
  ['application/problem+json', true],
  ['text/json-like', false],
  ['application/jsonp', false],
  ['text/html; a=application/json', false],
  ['', false],
])('%j says JSON: %s', (type, expected) => {
  expect(isJsonType(type)).toBe(expected)
})
