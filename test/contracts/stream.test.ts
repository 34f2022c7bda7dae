import { type Static, Type } from '@sinclair/typebox'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  ContractRefused,
  compileEncode,
  endpoint,
  type Message,
  reads,
  service,
  stream,
} from '../../contracts/index.ts'

const Votes = stream('votes', {
  option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]),
  timestamp: Type.Integer(),
  request_id: Type.String({ format: 'uuid' }),
})

function refusal(define: () => unknown): [string, string][] {
  try {
    define()
    return []
  } catch (error) {
    return error instanceof ContractRefused
      ? error.findings.map(({ code, at }) => [code, at])
      : [['no refusal', String(error)]]
  }
}

describe('a stream', () => {
  test('gives its message a type', () => {
    expectTypeOf<Message<typeof Votes>>().toEqualTypeOf<{
      option: 'cats' | 'dogs'
      timestamp: number
      request_id: string
    }>()
  })

  test('names its channel by bus and stream', () => {
    expect(Votes.channel).toBe('stream:votes')
    expect(stream('votes', Type.Object({}), { bus: 'cache' }).channel).toBe('stream:cache/votes')
  })

  test.each(['', 'a b', 'a/b', 'a#b', 'a\n'])('cannot be called %j', (name) => {
    expect(() => stream(name, {})).toThrow('cannot name a stream')
  })

  const text = Type.String()
  const nothing = Type.Null()
  test.each<[string, () => unknown, [string, string][]]>([
    [
      'a field of two kinds',
      () => stream('s', { a: Type.Union([text, Type.Integer()]) }),
      [['contract.mixed-kinds', '/a']],
    ],
    ['a field of any kind', () => stream('s', { a: Type.Unknown() }), [['contract.mixed-kinds', '/a']]],
    [
      'two kinds in two branches',
      () => stream('s', Type.Union([Type.Object({ a: text }), Type.Object({ a: Type.Boolean() })])),
      [['contract.mixed-kinds', '/a']],
    ],
    [
      'a field that is optional and nullable',
      () => stream('s', { a: Type.Optional(Type.Union([text, nothing])) }),
      [['contract.optional-and-nullable', '/a']],
    ],
    [
      'a field that is nullable in one branch and absent in another',
      () => stream('s', Type.Union([Type.Object({ a: Type.Union([text, nothing]) }), Type.Object({ b: text })])),
      [['contract.optional-and-nullable', '/a']],
    ],
    ['a message that is no object', () => stream('s', Type.Array(text)), [['contract.not-an-object', '']]],
    [
      'a message that may be something else than an object',
      () => stream('s', Type.Unsafe({ properties: { a: text } })),
      [['contract.not-an-object', '']],
    ],
    [
      'a reserved name while headers are on',
      () => stream('s', { _sid: text, _dead_x: text }, { headers: 'id' }),
      [
        ['contract.reserved-name', '/_sid'],
        ['contract.reserved-name', '/_dead_x'],
      ],
    ],
    ['a schema that is none', () => stream('s', Type.Unsafe({ type: 'strin' })), [['schema.not-a-schema', '/type']]],
  ])('is refused for %s', (_, define, findings) => {
    expect(refusal(define)).toEqual(findings)
  })

  test.each<[string, () => unknown]>([
    [
      'integer and number in one field, which is a number',
      () => stream('s', { a: Type.Union([Type.Integer(), Type.Number()]) }),
    ],
    ['a list or an object in one field', () => stream('s', { a: Type.Union([Type.Array(text), Type.Object({})]) })],
    ['a reserved name while headers are off', () => stream('s', { _sid: text })],
    ['any message as json', () => stream('s', Type.Union([text, Type.Array(Type.Unknown())]), { encoding: 'json' })],
  ])('is accepted for %s', (_, define) => {
    expect(refusal(define)).toEqual([])
  })

  test('names the other encoding when it is refused', () => {
    expect(() => stream('s', { a: Type.Unknown() })).toThrow("use encoding: 'json'")
  })
})

describe('a writer', () => {
  test.each<[string, Parameters<typeof stream>[1], string[]]>([
    ['could be empty', { a: Type.Optional(Type.String()) }, ['contract.could-be-empty']],
    [
      'could be empty because all that it requires is nullable',
      { a: Type.Union([Type.String(), Type.Null()]) },
      ['contract.could-be-empty'],
    ],
    [
      'could be empty in one branch',
      Type.Union([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Optional(Type.String()) })]),
      ['contract.could-be-empty'],
    ],
    ['may write anything', Type.Object({ a: Type.String() }, { additionalProperties: true }), ['contract.open']],
  ])('is refused when it %s; a reader is not', (_, fields, codes) => {
    const contract = stream('s', fields)
    expect(refusal(() => compileEncode(contract)).map(([code]) => code)).toEqual(codes)
    expect(refusal(() => service('api', { writes: [contract] })).map(([code]) => code)).toEqual(codes)
    expect(service('api', { reads: [contract] }).contracts).toHaveLength(1)
  })
})

describe('reads', () => {
  test('takes what is written, as it is written or wider', () => {
    const VotesRead = reads(Votes, { option: Type.String() })
    expectTypeOf<Message<typeof VotesRead>>().toEqualTypeOf<{ option: string }>()
    expect(VotesRead.channel).toBe('stream:votes')
  })

  test('does not compile for a field that nobody writes or that is written otherwise', () => {
    expect.assertions(0)
    // @ts-expect-error -- the type checker is the first of the five that catch the mistake
    reads(Votes, { vote: Type.String() })
    // @ts-expect-error -- timestamp is written as an integer
    reads(Votes, { timestamp: Type.String() })
    // @ts-expect-error -- "dogs" is written too
    reads(Votes, { option: Type.Literal('cats') })
  })
})

describe('a service', () => {
  const PostVote = endpoint('PostVote', {
    provider: 'vote-api',
    method: 'POST',
    path: '/api/vote/{poll}',
    request: { body: { option: Type.String() } },
    responses: { 201: { message: Type.String() } },
  })

  test('says what it writes, reads, serves and calls, by channel', () => {
    const { contracts } = service('vote-api', { writes: [Votes], serves: [PostVote] })
    expect(contracts.map(({ direction, channel }) => `${direction} ${channel}`)).toEqual([
      'writes stream:votes',
      'reads http:vote-api POST /api/vote/{}#request',
      'writes http:vote-api POST /api/vote/{}#201',
    ])
  })

  test('meets its callers on the same channels, from the other side', () => {
    const { contracts } = service('page', { calls: [PostVote] })
    expect(contracts.map(({ direction, channel }) => `${direction} ${channel}`)).toEqual([
      'writes http:vote-api POST /api/vote/{}#request',
      'reads http:vote-api POST /api/vote/{}#201',
    ])
  })

  test('says what is known of a channel beside the schema', () => {
    const facts = { external: true, keepsMs: 86_400_000, subject: 'votes-value' }
    const Kept = stream('votes', { option: Type.String() }, { ...facts, encoding: 'json', field: 'vote' })
    const Got = endpoint('Get', { external: true, method: 'GET', path: '/', responses: {} })
    expect(service('vote-api', { writes: [Kept], serves: [Got] }).contracts).toMatchObject([
      { ...facts, field: 'vote' },
      { external: true },
    ])
    expect(reads(Kept, { option: Type.String() }, { external: true })).toMatchObject({ external: true, field: 'vote' })
    expect(() => stream('votes', {}, { keepsMs: 0.5 })).toThrow('keepsMs of votes is 0.5')
  })

  test('erases the names of path parameters, however they are spelt', () => {
    const other = endpoint('PostVote', { provider: 'vote-api', method: 'POST', path: '/api/vote/:id', responses: {} })
    const channels = [PostVote, other].map((contract) => service('page', { calls: [contract] }).contracts[0]?.channel)
    expect(new Set(channels).size).toBe(1)
  })

  test.each<[string, () => unknown, string]>([
    ['a name with a space', () => service('vote api', {}), 'cannot name a service'],
    ['a channel twice', () => service('tally', { reads: [Votes, Votes] }), 'twice'],
    [
      'a call that names no provider',
      () => service('page', { calls: [endpoint('Get', { method: 'GET', path: '/', responses: {} })] }),
      'whom it calls',
    ],
    [
      'a path without a slash',
      () => endpoint('Get', { method: 'GET', path: 'x', responses: {} }),
      'must begin with "/"',
    ],
  ])('is refused for %s', (_, define, words) => {
    expect(define).toThrow(words)
  })
})

test('a TypeBox schema and its type share one name', () => {
  const Vote = Type.Object({ option: Type.String() })
  expectTypeOf<Message<ReturnType<typeof stream<typeof Vote>>>>().toEqualTypeOf<Static<typeof Vote>>()
})
