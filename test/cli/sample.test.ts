import { expect, test } from 'vitest'
import { createRegistryClient } from '../../registry/client.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { concordatIn, folderOf, VOTES } from './piped.ts'
import { listeningRegistry } from './project.ts'

test('valid messages come first, and with --edges those on every edge', async () => {
  const folder = await folderOf({ 'votes.json': VOTES })
  const [plain, edges] = await Promise.all([
    concordatIn(folder, ['sample', '--file', 'votes.json']),
    concordatIn(folder, ['sample', '--file', 'votes.json', '--edges']),
  ])
  expect(plain).toEqual({
    code: 0,
    stdout: 'SAMPLE   AT  MESSAGE\nminimal      {"option":"cats"}\ntypical      {"option":"cats","weight":3}\n',
    stderr: '',
  })
  expect(edges.stdout).toBe(`SAMPLE           AT       MESSAGE
minimal                   {"option":"cats"}
typical                   {"option":"cats","weight":3}
edge of enum     /option  {"option":"dogs"}
edge of minimum  /weight  {"option":"cats","weight":1}
edge of maximum  /weight  {"option":"cats","weight":5}
`)
})

test('--violations makes one message for each keyword that it breaks, and says where', async () => {
  const folder = await folderOf({ 'votes.json': VOTES })
  const { code, stdout } = await concordatIn(folder, ['sample', '--file', 'votes.json', '--violations'])
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `SAMPLE                       AT         MESSAGE
breaks required              /option    {}
breaks additionalProperties  the whole  {"option":"cats","undeclared":true}
breaks type                  the whole  "text"
breaks enum                  /option    {"option":"another"}
breaks type                  /weight    {"option":"cats","weight":"text"}
breaks minimum               /weight    {"option":"cats","weight":0}
breaks maximum               /weight    {"option":"cats","weight":6}
`,
  })
})

test('--bare prints messages that `concordat validate` takes', async () => {
  const folder = await folderOf({ 'votes.json': VOTES })
  const made = (...args: string[]) => concordatIn(folder, ['sample', '--file', 'votes.json', '--bare', ...args])
  const [valid, violating] = await Promise.all([made('--edges', '--count', '9'), made('--violations')])
  const judged = (input: string) => concordatIn(folder, ['validate', '--schema', 'votes.json', '--lines', '-'], input)

  const [accepted, refused] = await Promise.all([judged(valid.stdout), judged(violating.stdout)])

  expect(accepted.code).toBe(0)
  expect(refused.stderr).toBe('7 of 7 messages are refused by votes.json.\n')
})

test('the same seed makes the same messages, and --count takes one seed after the other', async () => {
  const properties = { color: { enum: ['red', 'green', 'blue', 'white', 'black'] } }
  const folder = await folderOf({ 'colors.json': { type: 'object', properties, required: ['color'] } })
  const made = (...args: string[]) => concordatIn(folder, ['sample', '--file', 'colors.json', '--json', ...args])

  const [one, again, many] = await Promise.all([made('--seed', '7'), made('--seed', '7'), made('--count', '20')])

  expect(again.stdout).toBe(one.stdout)
  expect(JSON.parse(many.stdout)).toMatchObject({ schema: 'colors.json', violating: [], findings: [], undecided: 0 })
  const colors = new Set([...many.stdout.matchAll(/"color":"(\w+)"/g)].map(([, color]) => color))
  expect(colors.size).toBeGreaterThan(2)
})

test("a subject's schema is taken from the registry", async () => {
  const url = await listeningRegistry()
  await createRegistryClient(url).register('votes', VOTES)
  const args = ['sample', '--subject', 'votes', '--url', url, '--json']

  const { stdout } = await concordatIn(await temporaryFolder(), args)

  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'votes@1',
    valid: [{ kind: 'minimal', message: { option: 'cats' } }, { kind: 'typical' }],
  })
})

test('a schema that accepts nothing has no messages: exit code 3', async () => {
  const folder = await folderOf({ 'nothing.json': { type: 'string', minLength: 2, maxLength: 1 } })
  const { code, stdout, stderr } = await concordatIn(folder, ['sample', '--file', 'nothing.json'])
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toBe(
    'nothing.json: The schema accepts no message at all, so that nothing can ever be written.\nnothing.json: no message could be made.\n',
  )
})

test.each([
  [['--count', '0'], 'It must be a number from 1 to 999.'],
  [['--seed', '-1'], 'It must be a whole number, such as 7.'],
  [['--violations', '--edges'], "option '--violations' cannot be used with option '--edges'"],
])('%j is wrong usage, exit code 2', async (args, words) => {
  const { code, stderr } = await concordatIn(await folderOf({ 'votes.json': VOTES }), [
    'sample',
    '--file',
    'votes.json',
    ...args,
  ])
  expect(code).toBe(2)
  expect(stderr).toContain(words)
})
