import { expect, test } from 'vitest'
import { compileCheck, decide, type JsonSchema, readSchema } from '../../../contracts/index.ts'

const INTEGER = { type: 'integer' }
const TEXT = { type: 'string' }

function object(properties: { readonly [name: string]: JsonSchema }, required = Object.keys(properties)) {
  return { type: 'object', properties, required }
}

const POLL = object({ path: object({ poll: INTEGER }), body: object({ option: { enum: ['cats', 'dogs'] } }) })

test.each<[string, JsonSchema, JsonSchema, string, string[]]>([
  ['the same on both sides', POLL, POLL, 'compatible', []],
  ['a path of digits read as text', POLL, object({ path: object({ poll: TEXT }) }), 'compatible', []],
  [
    'a path of text read as digits',
    object({ path: object({ poll: TEXT }) }),
    object({ path: object({ poll: INTEGER }) }),
    'incompatible',
    ['/path/poll'],
  ],
  ['a body of text read as a number', object({ body: TEXT }), object({ body: INTEGER }), 'incompatible', ['/body']],
  [
    'a body that is required and never sent',
    object({ path: object({}) }),
    object({ path: object({}), body: TEXT }),
    'incompatible',
    ['/body'],
  ],
  ['a body that nobody reads', POLL, object({ path: object({ poll: INTEGER }) }), 'compatible', []],
  [
    'a header in another case',
    object({ headers: object({ 'X-Poll': TEXT }) }),
    object({ headers: object({ 'x-poll': TEXT }) }),
    'compatible',
    [],
  ],
  [
    'a header that a reader does not know',
    object({ headers: object({ a: TEXT, b: TEXT }) }),
    object({ headers: { ...object({ a: TEXT }), additionalProperties: false } }),
    'compatible',
    [],
  ],
  [
    'a query that is required and optional',
    object({ query: object({ page: INTEGER }, []) }),
    object({ query: object({ page: INTEGER }) }),
    'incompatible',
    ['/query/page'],
  ],
  [
    'a field of the body that was renamed',
    POLL,
    object({ path: object({}), body: object({ vote: TEXT }) }),
    'incompatible',
    ['/body/vote'],
  ],
])('%s', (_, writer, reader, answer, places) => {
  const verdict = decide(writer, reader, { encoding: 'http' })
  expect(verdict.answer).toBe(answer)
  expect(verdict.findings.map(({ at }) => at)).toEqual(places)
})

test('a witness is a whole message that the writer may send', () => {
  const { witness } = decide(POLL, object({ path: object({}), body: object({ vote: TEXT }) }), { encoding: 'http' })
  expect(witness).toEqual({ path: { poll: 0 }, body: { option: 'cats' } })
  const { schema } = readSchema(POLL)
  expect(schema && compileCheck(schema).accepts(witness)).toBe(true)
})
