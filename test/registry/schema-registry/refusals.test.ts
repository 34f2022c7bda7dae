import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const deep = `${'{"not":'.repeat(10_000)}{}${'}'.repeat(10_000)}`
const wide = JSON.stringify({ enum: Array.from({ length: 10_001 }, (_, i) => i) })
const long = JSON.stringify({ title: 'x'.repeat(2 * 1024 * 1024) })

test.each<[string, string, string]>([
  ['that is no JSON', 'nonsense', 'The whole is not JSON'],
  ['that is no schema', '{"type":"nope"}', '/type is no JSON Schema'],
  [
    'with a remote reference',
    '{"$ref":"http://169.254.169.254/latest"}',
    '/$ref refers to "http://169.254.169.254/latest"',
  ],
  ['with a file reference', '{"properties":{"a":{"$ref":"file:///etc/passwd"}}}', '/properties/a/$ref refers to'],
  ['that refers to itself only', '{"$ref":"#"}', 'in a circle'],
  ['with a broken pattern', '{"properties":{"a":{"pattern":"("}}}', '/properties/a/pattern is no regular expression'],
  ['with a number that nobody can keep', '{"default":1e400}', '/default is the number 1e400'],
  ['with a NUL character', '{"title":"\\u0000"}', '/title contains the character U+0000'],
  ['that is nested too deeply', deep, 'the limit depth (500)'],
  ['with too many values in an enum', wide, 'the limit enumValues (10000)'],
  ['that is too long', long, 'the limit bytes (2097152)'],
  ['in ill-formed Unicode', '{"title":"\ud800"}', 'ill-formed Unicode'],
  ['that is empty', '', 'the member "schema" is missing or empty'],
])('refuses a schema %s, and says where and why', async (_what, schema, why) => {
  await using registry = await temporaryRegistry()
  const refused = await register(registry, 'votes', schema)
  expect(refused).toMatchObject({ status: 422, body: { error_code: 42201, message: expect.stringContaining(why) } })
  expect((await send(registry, 'GET /subjects')).body).toEqual([])
})

test.each([
  ['AVRO', 'Schema type AVRO is not supported'],
  ['PROTOBUF', 'Schema type PROTOBUF is not supported'],
  [undefined, 'A missing schemaType means AVRO, which is not supported'],
  [null, 'A missing schemaType means AVRO, which is not supported'],
])('refuses the schema type %s by name', async (schemaType, why) => {
  await using registry = await temporaryRegistry()
  const refused = await register(registry, 'votes', '"string"', { schemaType })
  expect(refused).toMatchObject({ status: 422, body: { error_code: 42201, message: expect.stringContaining(why) } })
})

test.each<[string, string | Buffer, string]>([
  ['that is no JSON', '{', 'is not JSON'],
  ['that is empty', '', 'body must be object'],
  ['that is no object', '[]', 'body must be object'],
  ['with a schema that is no text', '{"schemaType":"JSON","schema":{}}', 'body/schema must be string'],
  ['with a key that stands twice', '{"schemaType":"JSON","schema":"{}","schema":"true"}', '/schema stands twice'],
  ['with a schema whose key stands twice', '{"schemaType":"JSON","schema":"{\\"a\\":1,\\"a\\":2}"}', '/a stands twice'],
  ['that is not UTF-8', Buffer.from('{"schemaType":"JSON","schema":"{}\xff"}', 'latin1'), 'not UTF-8'],
  ['with __proto__', '{"__proto__":{},"schemaType":"JSON","schema":"{}"}', '/__proto__ is a name'],
  ['with constructor.prototype', '{"metadata":{"constructor":{"prototype":{}}}}', 'a member "prototype"'],
  ['that is nested too deeply', `{"metadata":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'the limit depth'],
])('refuses a body %s', async (_what, body, why) => {
  await using registry = await temporaryRegistry()
  const refused = await send(registry, 'POST /subjects/votes/versions', body)
  expect(refused).toMatchObject({ status: 400, body: { error_code: 400, message: expect.stringContaining(why) } })
})

test.each<[string, object]>([
  ['text', { 'content-type': 'text/plain' }],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['compressed bodies, without inflating them', { 'content-encoding': 'gzip' }],
])('refuses %s', async (_what, headers) => {
  await using registry = await temporaryRegistry()
  const refused = await send(registry, 'POST /subjects/votes/versions', '{}', headers)
  expect(refused).toMatchObject({ status: 415, body: { error_code: 415 } })
})

test.each(['__GLOBAL', '__EMPTY', 'a%00b', 'a%0Ab', ':.context:votes'])('refuses the subject %s', async (subject) => {
  await using registry = await temporaryRegistry()
  const refused = await send(registry, `POST /subjects/${subject}/versions`, { schemaType: 'JSON', schema: '{}' })
  expect(refused).toMatchObject({ status: 422, body: { error_code: 42208 } })
})

test('refuses an id that the client chooses', async () => {
  await using registry = await temporaryRegistry()
  const refused = await register(registry, 'votes', '{}', { id: 7 })
  expect(refused).toMatchObject({
    status: 422,
    body: { error_code: 42205, message: 'Subject votes is not in import mode' },
  })
})

test('refuses references to what is not registered', async () => {
  await using registry = await temporaryRegistry()
  const references = [{ name: 'a.json', subject: 'a', version: 3 }]
  const refused = await register(registry, 'votes', '{}', { references })
  expect(refused).toMatchObject({
    status: 422,
    body: { error_code: 42201, message: expect.stringContaining("version 3 of subject 'a'") },
  })
})

test('refuses a body over the limit before it reads it', async () => {
  await using registry = await temporaryRegistry({ limits: { bodyBytes: 1000 } })
  const refused = await send(registry, 'POST /subjects/votes/versions', 'x'.repeat(1001))
  const message = 'The request body is larger than the limit bodyBytes (1000).'
  expect(refused).toMatchObject({ status: 413, body: { error_code: 413, message } })
})

test.each<[string, number]>([
  ['/subjects/%FF/versions', 400],
  ['/%ZZ', 400],
  [`/subjects/${'x'.repeat(3000)}/versions`, 414],
])('refuses the path %s', async (path, status) => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, `GET ${path}` as `GET /${string}`)).toMatchObject({
    status,
    body: { error_code: status },
  })
})

test('answers 503 while the store is closed', async () => {
  await using registry = await temporaryRegistry()
  await registry.store.close()
  const unavailable = { status: 503, body: { error_code: 50001, message: 'The store is closed.' } }
  expect(await register(registry, 'votes', '{}')).toMatchObject(unavailable)
  expect(await send(registry, 'GET /subjects')).toMatchObject(unavailable)
})

test('tells nothing of its insides when something unforeseen happens, and logs it', async () => {
  const logged: string[] = []
  const logger = { level: 'error', stream: { write: (line: string) => void logged.push(line) } }
  await using registry = await temporaryRegistry({ logger })
  using database = new DatabaseSync(`${registry.folder}/concordat.db`)
  database.exec('DROP TABLE versions')
  const answer = await send(registry, 'GET /subjects')
  expect(answer).toMatchObject({ status: 500, body: { error_code: 500, message: 'Internal Server Error' } })
  expect(logged.join('')).toContain('no such table: versions')
})
