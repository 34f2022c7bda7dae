import { expect, test } from 'vitest'
import { concordatIn, folderOf, VOTES, VOTES_RENAMED } from './piped.ts'

const FILES = { 'vote-api.json': VOTES, 'tally.json': VOTES_RENAMED }

const REASONING = `No: tally.json refuses some of what vote-api.json may write, for 2 reasons:
- /vote is required by the reader and never written. The writer writes \`option\`, which takes the same values: renamed?
- /option is written and refused by the reader, which allows no undeclared fields.
For example {"option":"cats"}: vote-api.json may write it, and tally.json refuses it. ajv, an engine that is not ours, says the same of both.
If both run, every message of this kind stops at tally.json. Behind a guard it becomes a dead letter: kept whole, and done nothing with until somebody sends it again. Without a guard, what happens is up to tally.json.
The likely cause: \`option\` and \`vote\` are one field under two names. Its values fit, and under the other name the whole message would pass; but it is a guess.
To mend it: let tally.json read \`option\`, or let vote-api.json write \`vote\` beside it until all readers have moved.
`

test('the whole reasoning is told: reasons, a message, what would happen, the likely cause, what to do', async () => {
  const result = await concordatIn(await folderOf(FILES), ['explain', 'vote-api.json', 'tally.json'])
  expect(result).toEqual({ code: 3, stdout: REASONING, stderr: '' })
})

test("a verdict's JSON is explained from stdin", async () => {
  const folder = await folderOf(FILES)
  const check = await concordatIn(folder, ['check', '--json', '--writer', 'vote-api.json', '--reader', 'tally.json'])

  const { code, stdout } = await concordatIn(folder, ['explain'], check.stdout)

  expect(code).toBe(3)
  expect(stdout).toBe(REASONING.replaceAll('tally.json', 'the reader').replaceAll('vote-api.json', 'the writer'))
})

test('a yes says what it rests on, and --json tells the verdict beside the words', async () => {
  const open = { ...VOTES, additionalProperties: true }
  const folder = await folderOf({
    'w.json': { ...VOTES, additionalProperties: undefined },
    'r.json': VOTES,
    'o.json': open,
  })
  const [declared, proved] = await Promise.all([
    concordatIn(folder, ['explain', 'w.json', 'r.json']),
    concordatIn(folder, ['explain', 'r.json', 'o.json', '--json']),
  ])
  expect(declared.code).toBe(0)
  expect(declared.stdout).toMatch(
    /^Yes: r\.json reads all .*\nIt holds as long as w\.json sends only what it declares\. /,
  )
  expect(JSON.parse(proved.stdout)).toMatchObject({
    writer: 'r.json',
    reader: 'o.json',
    verdict: { answer: 'compatible' },
    explanation: [expect.stringMatching(/^Yes: o\.json reads all that r\.json may write\./)],
  })
})

test('--encoding fields tells how the message lies on the stream', async () => {
  const folder = await folderOf({ 'w.json': numberOf('string'), 'r.json': numberOf('integer') })
  const { stdout } = await concordatIn(folder, ['explain', 'w.json', 'r.json', '--encoding', 'fields'])
  expect(stdout).toContain('\nOn the stream it would lie as: n ""\n')
})

test.each<[string, readonly string[], string, string]>([
  ['no JSON', [], '{"answer": }', 'What stdin gives is no JSON (line and column 1:12)'],
  ['no verdict', [], '{"answer":"yes"}', 'has no "answer" of compatible, incompatible or unknown'],
  [
    'a no without a witness',
    [],
    '{"answer":"incompatible","policy":"strict","findings":[]}',
    'has no "witness", which every "no" carries',
  ],
  [
    'findings of an unknown code',
    [],
    '{"answer":"unknown","policy":"strict","findings":[{"code":"constructor","at":""}]}',
    'has no "findings"',
  ],
  [
    'an unknown reason',
    [],
    '{"answer":"unknown","policy":"strict","findings":[],"reason":"toString"}',
    'has the "reason" "toString", which is none',
  ],
  ['one schema', ['vote-api.json'], '', "error: missing required argument 'reader'"],
])('%s is wrong usage, exit code 2', async (_, args, input, words) => {
  const { code, stdout, stderr } = await concordatIn(await folderOf(FILES), ['explain', ...args], input)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(words)
})

function numberOf(type: string): object {
  return { type: 'object', properties: { n: { type } }, required: ['n'] }
}
