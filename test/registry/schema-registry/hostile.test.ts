import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { circle, doubling, nested } from '../../support/hostile-schemas.ts'
import { register, send, sentSchema, testAgainst } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

/** What tells an answer from a hang: several deadlines of the decider, on a busy machine. */
const SOON = 8_000
const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const refused = (why: string | RegExp) => ({
  status: 422,
  body: { error_code: 42201, message: expect.stringMatching(why) },
})

describe('references', () => {
  test('no packet leaves for a reference, wherever it stands', async () => {
    await using registry = await temporaryRegistry()
    const visits: unknown[] = []
    await using listener = createServer((socket) => {
      visits.push(socket.remoteAddress)
      socket.destroy()
    })
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    const { port } = listener.address() as { port: number }
    const url = `http://127.0.0.1:${port}/schema.json`
    const schemas = [
      { $ref: url },
      { properties: { a: { $ref: `${url}#/definitions/a` } } },
      { $id: url, $ref: 'other.json' },
      { $schema: url },
      { $schema: 'https://json-schema.org/draft/2020-12/schema', $dynamicRef: `${url}#meta` },
      { $schema: 'https://json-schema.org/draft/2019-09/schema', $recursiveRef: url },
    ]
    for (const schema of schemas) expect((await register(registry, 'votes', schema)).status).toBe(422)
    expect(visits).toEqual([])
  })

  test.each([
    'http://2130706433/',
    'file:///etc/passwd',
    'http://[::1]:6379/',
    'data:application/json,{}',
    '//x/y',
    '../a',
  ])('refuses the reference %s and names it', async ($ref) => {
    await using registry = await temporaryRegistry()
    const { status, text } = await register(registry, 'votes', { items: { $ref } })
    expect(status).toBe(422)
    expect(JSON.parse(text).message).toContain(`/items/$ref refers to "${$ref}"`)
  })

  test.each([
    ['itself', { $ref: '#' }],
    ['itself by two', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }],
    ['itself by a choice', { anyOf: [{ type: 'string' }, { $ref: '#' }] }],
    ['itself by a condition', { if: { $ref: '#' } }],
  ])('refuses a schema that is %s', async (_what, schema) => {
    await using registry = await temporaryRegistry()
    expect(await register(registry, 'votes', schema)).toMatchObject(refused('in a circle'))
  })

  test.each([
    ['a tree', { properties: { next: { $ref: '#' }, value: { type: 'string' } } }],
    ['a circle of definitions', circle(40, { type: 'string' })],
    ['a list of lists', { type: 'array', items: { $ref: '#' } }],
  ])('accepts and decides what ends: %s', async (_what, schema) => {
    await using registry = await temporaryRegistry()
    expect((await register(registry, 'votes', schema)).status).toBe(200)
    const title = { ...(schema as object), title: 'the same' }
    expect((await testAgainst(registry, 'votes', title)).body).toMatchObject({ is_compatible: true })
  })
})

describe('patterns', () => {
  test.each(['(', '[z-a]', 'a{2,1}', '(?<x>a)(?<x>b)', '\\u{110000}', '*'])(
    'refuses %s, which is no regular expression, and says where it stands',
    async (pattern) => {
      await using registry = await temporaryRegistry()
      const answer = await register(registry, 'votes', { properties: { a: { pattern } } })
      expect(answer).toMatchObject(refused('/properties/a/pattern'))
    },
  )

  test('refuses a pattern for names that is none', async () => {
    await using registry = await temporaryRegistry()
    expect(await register(registry, 'votes', { patternProperties: { '(': {} } })).toMatchObject(
      refused('/patternProperties'),
    )
  })

  test('refuses a pattern that is too long', async () => {
    await using registry = await temporaryRegistry()
    expect(await register(registry, 'votes', { pattern: 'a'.repeat(1001) })).toMatchObject(refused('patternLength'))
  })
})

describe('sizes', () => {
  test('refuses ten million bytes before they are parsed', async () => {
    await using registry = await temporaryRegistry()
    const answer = await register(registry, 'votes', { description: 'x'.repeat(10_000_000) })
    expect(answer).toMatchObject({ status: 413, body: { error_code: 413 } })
  })

  test('refuses a small body that would inflate to a large one, without inflating it', async () => {
    await using registry = await temporaryRegistry()
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
    const answer = await send(registry, 'POST /subjects/votes/versions', bomb, { 'content-encoding': 'gzip' })
    expect(answer).toMatchObject({ status: 415, body: { error_code: 415 } })
  })

  test.each([
    ['a list of a million values', `[${'1,'.repeat(1_000_000)}1]`],
    [
      'sixty thousand metadata',
      JSON.stringify({ metadata: { properties: Object.fromEntries(range(60_000).map((i) => [i, 'x'])) } }),
    ],
    ['megabytes of quotation marks', '"\\"'.repeat(900_000)],
  ])('refuses a body that is %s at once', async (_what, body) => {
    await using registry = await temporaryRegistry()
    await send(registry, 'POST /subjects/votes/versions', '{}')
    const sent = performance.now()
    const answer = await send(registry, 'POST /subjects/votes/versions', body)
    expect(answer).toMatchObject({ status: 400, body: { error_code: 400 } })
    expect(performance.now() - sent).toBeLessThan(1000)
  })

  test.each<[string, unknown, string]>([
    ['two hundred thousand values', { enum: range(200_000) }, 'enumValues'],
    ['ten thousand branches', { oneOf: range(10_000).map((i) => ({ const: i })) }, 'subschemas'],
    ['a thousand and one branches', { oneOf: range(1001).map((i) => ({ const: i })) }, 'branches'],
    [
      'five thousand properties',
      { properties: Object.fromEntries(range(5000).map((i) => [`p${i}`, {}])) },
      'properties',
    ],
    [
      'twenty thousand subschemas',
      { $defs: Object.fromEntries(range(20_000).map((i) => [`d${i}`, {}])) },
      'subschemas',
    ],
    ['ten thousand levels', `${'{"items":'.repeat(10_000)}{}${'}'.repeat(10_000)}`, 'depth'],
  ])('refuses %s and names the limit', async (_what, schema, limit) => {
    await using registry = await temporaryRegistry()
    expect(await register(registry, 'votes', schema)).toMatchObject(refused(`the limit ${limit} \\(`))
  })

  test.each([
    ['the deepest schema that is allowed', `${'{"not":'.repeat(498)}{}${'}'.repeat(498)}`],
    ['a deep chain of objects', nested(120, { type: 'string' })],
    ['a choice doubled 22 times', doubling(22, { type: 'number' })],
    ['a thousand branches', { oneOf: range(1000).map((i) => ({ const: `kind-${i}` })) }],
    [
      'two thousand properties',
      { properties: Object.fromEntries(range(2000).map((i) => [`p${i}`, { type: 'string' }])) },
    ],
    ['ten thousand values', { enum: range(10_000) }],
  ])('answers for %s, and for what follows it', async (_what, schema) => {
    await using registry = await temporaryRegistry()
    const started = performance.now()
    const registered = await register(registry, 'votes', schema)
    const narrower = await testAgainst(registry, 'votes', { allOf: [typeof schema === 'string' ? {} : schema] })
    const next = await register(registry, 'other', '{}')
    expect(registered.status).toBe(200)
    expect(narrower).toMatchObject({ status: 200, body: { is_compatible: expect.any(Boolean) } })
    expect(next.status).toBe(200)
    expect(performance.now() - started).toBeLessThan(SOON)
  })
})

describe('texts', () => {
  test.each(['toString', 'constructor', 'hasOwnProperty', 'valueOf'])(
    'a required %s is a member like others',
    async (name) => {
      await using registry = await temporaryRegistry()
      await register(registry, 'votes', { type: 'object' })
      const told = await testAgainst(registry, 'votes', { type: 'object', required: [name] })
      expect(told.body).toMatchObject({ is_compatible: false })
      expect((await register(registry, name, '{}')).body).toMatchObject({ version: 1 })
      expect((await send(registry, `GET /config/${name}`)).status).toBe(404)
    },
  )

  test('HTML in a schema and in a subject is answered as JSON that nothing sniffs, and kept as it is', async () => {
    await using registry = await temporaryRegistry()
    const schema = '{"description":"</script><img src=x onerror=alert(1)>"}'
    await register(registry, '<b>votes</b>', schema)
    const text = await send(registry, 'GET /schemas/ids/1/schema', undefined, { accept: 'text/html' })
    expect(text).toMatchObject({ status: 200, text: schema, type: 'application/vnd.schemaregistry.v1+json' })
    const missing = await send(registry, 'GET /subjects/%3Cscript%3E/versions', undefined, { accept: 'text/html' })
    expect(missing).toMatchObject({ status: 404, type: 'application/vnd.schemaregistry.v1+json' })
  })

  test.each<[string, string, number, string]>([
    ['a key that stands twice', '{"a":1,"a":2}', 400, '/a'],
    ['a key that stands twice, written differently', '{"a":1,"\\u0061":2}', 400, '/a'],
    ['__proto__', '{"properties":{"__proto__":{}}}', 400, '/properties/__proto__'],
    ['a number that is too large', '{"maximum":1e400}', 422, '/maximum'],
    ['U+0000', '{"const":"\\u0000"}', 422, '/const'],
    ['half a character', '{"const":"\\ud800"}', 200, ''],
  ])('a schema with %s', async (_what, schema, status, place) => {
    await using registry = await temporaryRegistry()
    const answer = await register(registry, 'votes', schema)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain(place)
  })

  test('a schema is given back byte for byte', async () => {
    await using registry = await temporaryRegistry()
    const schema = '{ "title" :"ü \\u00fc 😀 \\/ é é", "maximum": 9007199254740993 }\n'
    await register(registry, 'votes', schema)
    expect((await send(registry, 'GET /schemas/ids/1/schema')).text).toBe(schema)
    expect((await send(registry, 'GET /schemas/ids/1')).body).toMatchObject({ schema })
  })

  test.each(['metadata', 'ruleSet'])('%s with names of other objects stays what it is', async (part) => {
    await using registry = await temporaryRegistry()
    const more = { [part]: { properties: { toString: 'a', constructor: 'b' } } }
    expect((await register(registry, 'votes', '{}', more)).body).toMatchObject(more)
    expect((await send(registry, 'POST /subjects/votes', sentSchema('{}', more))).status).toBe(200)
  })
})
