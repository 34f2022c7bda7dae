import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRegistryClient } from '../../registry/client.ts'
import { temporaryRegistry } from '../registry/temporary.ts'
import { concordatIn, folderOf, VOTES } from './piped.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
const LINES = '{"option":"cats"}\n{"option":"birds","weight":9}\n\nnot json\n{"option":"dogs"}\n'

const running = new AsyncDisposableStack()
let url: string

beforeAll(async () => {
  const { app } = running.use(await temporaryRegistry())
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  const client = createRegistryClient(url)
  await client.register('votes', VOTES)
  await client.register('orders', { type: 'object' })
})
afterAll(() => running.disposeAsync())

test('each refused line is told with its file, line and column, and the counts come last', async () => {
  const folder = await folderOf({ 'votes.json': VOTES, 'all.ndjson': LINES })

  const { code, stdout, stderr } = await concordatIn(folder, ['validate', '--schema', 'votes.json', 'all.ndjson'])

  expect(code).toBe(3)
  expect(stdout).toBe(
    [
      'all.ndjson:2:2: /option is none of the allowed values ["cats","dogs"]',
      'all.ndjson:2:19: /weight is more than the maximum 5',
      "all.ndjson:4:1: The whole is not JSON: Unexpected token 'o'",
      '',
    ].join('\n'),
  )
  expect(stderr).toBe('2 of 4 messages are refused by votes.json.\n')
})

test('with --json, each refused line is an object of its own, and the counts are the last one', async () => {
  const folder = await folderOf({ 'votes.json': VOTES })

  const { code, stdout } = await concordatIn(folder, ['validate', '--schema', 'votes.json', '-', '--json'], LINES)

  expect(code).toBe(3)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  expect(lines).toEqual([
    { line: 2, findings: [expect.objectContaining({ code: 'value.not-allowed', at: '/option' }), expect.anything()] },
    { line: 4, findings: [expect.objectContaining({ code: 'json.malformed' })] },
    { schema: 'votes.json', messages: 4, valid: 2, refused: 2 },
  ])
})

test("a message is held against a subject's schema", async () => {
  const folder = await folderOf({ 'vote.json': '{\n  "option": "cats",\n  "weight": 7\n}\n' })
  const args = ['validate', '--subject', 'votes', '--url', url]

  const [valid, refused] = await Promise.all([
    concordatIn(folder, [...args, '-'], '{"option":"cats"}'),
    concordatIn(folder, [...args, '--version', '1', 'vote.json']),
  ])

  expect(valid).toEqual({ code: 0, stdout: '', stderr: 'The message is valid for votes@1.\n' })
  expect(refused).toEqual({
    code: 3,
    stdout: 'vote.json:3:3: /weight is more than the maximum 5\n',
    stderr: 'The message is refused by votes@1.\n',
  })
})

test('a list is one message, or with --each as many as it has items', async () => {
  const folder = await folderOf({ 'votes.json': VOTES, 'list.json': [{ option: 'cats' }, { option: 1 }] })
  const args = ['validate', '--schema', 'votes.json', 'list.json']

  const [whole, each] = await Promise.all([concordatIn(folder, args), concordatIn(folder, [...args, '--each'])])

  expect(whole.stdout).toBe('list.json:1:1: The whole is not of type "object"\n')
  expect(each.stdout).toBe('list.json, item 2: /option is none of the allowed values ["cats","dogs"]\n')
  expect(each).toMatchObject({ code: 3, stderr: '1 of 2 messages is refused by votes.json.\n' })
})

test('--wire fields reads messages as entries of a stream', async () => {
  const folder = await folderOf({ 'votes.json': VOTES })
  const entries = [['option', 'cats'], { option: 'cats', weight: '3' }, { option: 'cats', weight: 'x' }, ['option']]
  const input = entries.map((entry) => JSON.stringify(entry)).join('\n')

  const { code, stdout } = await concordatIn(
    folder,
    ['validate', '--schema', 'votes.json', '--wire', 'fields', '-'],
    input,
  )

  expect(code).toBe(3)
  expect(stdout).toBe(
    'stdin:3:18: /weight is no integer: wanted digits without a leading zero, within ±(2^53-1)\n' +
      'stdin:4:1: The whole is not of type "entry of names and texts"\n',
  )
})

test('keys that stand twice, bytes that are no text, and what is nested too deeply are findings', async () => {
  const folder = await folderOf({ 'any.json': {} })
  const lines = ['{"a":1,"a":2}', `${'['.repeat(2000)}${']'.repeat(2000)}`, '{"__proto__":1}', '"\\ud800"']
  const input = Buffer.from(`${lines.join('\n')}\n"\xE4"`, 'latin1')

  const { code, stdout } = await concordatIn(folder, ['validate', '--schema', 'any.json', '--lines', '-'], input)

  expect(code).toBe(3)
  expect(stdout.split('\n').map((line) => line.replace(/ \S+/, ''))).toEqual([
    'stdin:1:8: stands twice in its object',
    expect.stringMatching(/^stdin:2:\d+: is nested too deeply to be checked$/),
    'stdin:3:2: is a name that JavaScript gives a meaning of its own; choose another',
    expect.stringMatching(/^stdin:5:1: whole is ill-formed Unicode/),
    '',
  ])
})

test('a long file is read line by line, in little memory', async () => {
  const args = ['--max-old-space-size=64', MAIN, 'validate', '--schema', 'any.json', '-', '--json']
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, args, {
    cwd: await folderOf({ 'any.json': { type: 'object' } }),
    env: { PATH },
  })
  const line = `${JSON.stringify({ text: 'x'.repeat(1000) })}\n`.repeat(1000)
  let stdout = ''
  child.stdout.on('data', (chunk) => void (stdout += String(chunk)))
  for (let i = 0; i < 120; i++) if (!child.stdin.write(line)) await once(child.stdin, 'drain')
  child.stdin.end()
  await once(child, 'close')
  expect(JSON.parse(stdout)).toMatchObject({ messages: 120_000, refused: 0 })
})

test('it ends quietly when nobody reads on', async () => {
  const folder = await folderOf({ 'votes.json': VOTES, 'all.ndjson': '{}\n'.repeat(50_000) })
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [MAIN, 'validate', '--schema', 'votes.json', 'all.ndjson'], {
    cwd: folder,
    env: { PATH },
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => void (stderr += String(chunk)))
  await once(child.stdout, 'data')
  child.stdout.destroy()
  await once(child, 'close')
  expect({ code: child.exitCode, stderr }).toEqual({ code: 3, stderr: '' })
})

test.each<[string, readonly string[], string]>([
  ['no schema', ['vote.json'], 'error: name one schema: --subject <name> or --schema <file>'],
  ['two schemas', ['vote.json', '--subject', 'votes', '--schema', 'votes.json'], 'error: name one schema'],
  ['a file that is not there', ['none.json', '--schema', 'votes.json'], 'none.json cannot be read (ENOENT'],
  ['a folder', ['.', '--schema', 'votes.json'], '. cannot be read (EISDIR'],
  ['an empty file', ['empty.json', '--schema', 'votes.json'], 'empty.json holds no message.'],
  [
    '--each of no list',
    ['vote.json', '--schema', 'votes.json', '--each'],
    'vote.json holds no list: leave --each out.',
  ],
  [
    'a schema that is no JSON',
    ['vote.json', '--schema', 'broken.json'],
    "broken.json:3:8: The whole is not JSON: Unexpected token '}'.",
  ],
  [
    'a schema that is none',
    ['vote.json', '--schema', 'none.schema.json'],
    'none.schema.json:2:3: /type is no JSON Schema',
  ],
  ['a schema that is no text', ['vote.json', '--schema', 'latin.json'], 'latin.json is not text in UTF-8.'],
  ['a version of a file', ['vote.json', '--schema', 'votes.json', '--version', '1'], "error: --version is a subject's"],
  [
    'no registry',
    ['vote.json', '--subject', 'votes', '--url', 'nowhere'],
    "option '--url <url>' argument 'nowhere' is invalid",
  ],
])('%s is wrong usage, exit code 2', async (_, args, words) => {
  const folder = await folderOf({
    'votes.json': VOTES,
    'vote.json': { option: 'cats' },
    'empty.json': '\n\n',
    'broken.json': '{\n  "type": "object",\n  "a": }',
    'none.schema.json': '{\n  "type": "objekt"\n}',
    'latin.json': '',
  })
  await writeFile(join(folder, 'latin.json'), Buffer.from('{"\xE4"', 'latin1'))

  const { code, stdout, stderr } = await concordatIn(folder, ['validate', ...args])

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(words)
})

test('a subject that is not there is told with the names that are near, and a version with those that are', async () => {
  const folder = await folderOf({ 'vote.json': { option: 'cats' } })
  const ask = (...args: string[]) => concordatIn(folder, ['validate', 'vote.json', '--url', url, ...args])

  const [near, far, version, json] = await Promise.all([
    ask('--subject', 'vote'),
    ask('--subject', 'xyz'),
    ask('--subject', 'votes', '--version', '4'),
    ask('--subject', 'vote', '--json'),
  ])

  expect(near).toEqual({ code: 2, stdout: '', stderr: 'The registry has no subject "vote". Did you mean "votes"?\n' })
  expect(far).toEqual({ code: 2, stdout: '', stderr: 'The registry has no subject "xyz".\n' })
  expect(version).toEqual({ code: 2, stdout: '', stderr: 'Subject "votes" has no version 4; it has 1.\n' })
  expect(JSON.parse(json.stdout)).toMatchObject({ error: 'subject.unknown', near: ['votes'] })
})

test('a registry that cannot be reached is told with its address', async () => {
  const folder = await folderOf({ 'vote.json': { option: 'cats' } })
  const args = ['validate', 'vote.json', '--subject', 'votes', '--url', 'http://127.0.0.1:9']

  const { code, stderr } = await concordatIn(folder, args)

  expect(code).toBe(1)
  expect(stderr).toMatch(/^The registry cannot be reached at http:\/\/127\.0\.0\.1:9\S* \(.*\): check the address/)
})
