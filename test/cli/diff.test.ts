import { expect, test } from 'vitest'
import { createRegistryClient } from '../../registry/client.ts'
import { concordatIn, folderOf, VOTES, VOTES_RENAMED } from './piped.ts'
import { listeningRegistry } from './project.ts'

const FILES = { 'old.json': VOTES, 'new.json': VOTES_RENAMED }

test('each change is told with whom it breaks and a message that shows it', async () => {
  const { code, stdout, stderr } = await concordatIn(await folderOf(FILES), ['diff', 'old.json', 'new.json'])

  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(stdout).toBe(`From old.json to new.json: 2 changes.

the whole  the field \`option\` is now \`vote\`: renamed?
  writers that stay  breaking  by {"option":"cats"}
  readers that stay  breaking  by {"vote":"cats"}

/weight  maximum: 5 → 9
  writers that stay  safe
  readers that stay  breaking  by {"option":"cats","weight":9}

all together
  writers that stay  breaking  by {"option":"cats"}
  readers that stay  breaking  by {"vote":"cats"}
`)
})

test('versions of a subject are compared by name, and --exit-zero only tells', async () => {
  const url = await listeningRegistry()
  const client = createRegistryClient(url)
  await client.register('my@votes', VOTES)
  await client.register('my@votes', { ...VOTES, title: 'Votes' })
  const folder = await folderOf(FILES)
  const diff = (...args: string[]) => concordatIn(folder, ['diff', ...args, '--url', url])

  const [same, other] = await Promise.all([
    diff('my@votes@1', 'my@votes@latest'),
    diff('my@votes@1', 'new.json', '--exit-zero', '--json'),
  ])

  expect(same).toEqual({ code: 0, stdout: 'my@votes@1 and my@votes@2 say the same.\n', stderr: '' })
  expect(other.code).toBe(0)
  expect(JSON.parse(other.stdout)).toMatchObject({
    older: 'my@votes@1',
    newer: 'new.json',
    root: { changes: [{ kind: 'renamed', from: 'option', name: 'vote' }], below: [{ at: '/weight' }] },
    isCut: false,
  })
})

test('what strict calls a break may be safe where only declared fields are sent', async () => {
  const open = { type: 'object', properties: { a: { type: 'string' } } }
  const more = { ...open, properties: { ...open.properties, b: { type: 'string' } } }
  const folder = await folderOf({ 'old.json': open, 'new.json': more })
  const [strict, declared] = await Promise.all([
    concordatIn(folder, ['diff', 'old.json', 'new.json']),
    concordatIn(folder, ['diff', 'old.json', 'new.json', '--policy', 'as-declared']),
  ])
  expect(strict).toMatchObject({
    code: 3,
    stdout: expect.stringContaining('writers that stay  breaking  by {"b":null}'),
  })
  expect(declared).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('all together\n  writers that stay  safe\n  readers that stay  safe\n'),
  })
})

test.each<[readonly string[], string]>([
  [
    ['old.json', 'none'],
    '"none" is no file that is there. Name a file, or a subject\'s version such as "none@latest".',
  ],
  [['old.json', 'broken.json'], "broken.json:1:7: The whole is not JSON: Unexpected token '}'."],
  [['old.json'], "error: missing required argument 'newer'"],
])('diff %j is wrong usage, exit code 2', async (args, words) => {
  const { code, stderr } = await concordatIn(await folderOf({ ...FILES, 'broken.json': '{"a": }' }), ['diff', ...args])
  expect(code).toBe(2)
  expect(stderr).toContain(words)
})
