import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { commit, committedProject, configOf, type Project, project, textFields, typescriptConfig } from './project.ts'

async function check(made: Project, ref = 'main'): Promise<{ code: number | null; lines: string[] }> {
  const { code, stdout, stderr } = await made.run('check', '--against', `git:${ref}`)
  expect(stderr).toBe('')
  return { code, lines: stdout.trimEnd().split('\n') }
}

test('a working copy that changes nothing breaks nobody', async () => {
  const made = await committedProject(typescriptConfig('option'))
  expect((await check(made)).lines[0]).toBe(
    'Yes: vote-api breaks nobody who relies on main: 3 contracts compared with main.',
  )
})

test('a field that a writer renames is a break, with its file and line', async () => {
  const made = await committedProject(typescriptConfig('option'))
  await made.write('contracts/votes.ts', typescriptConfig('vote')['contracts/votes.ts'] ?? '')
  const { code, lines } = await check(made)
  expect(code).toBe(3)
  expect(lines.slice(0, 7)).toEqual([
    'No: vote-api breaks those who rely on main: 1 reason, 3 contracts compared with main.',
    '',
    'stream:votes  vote-api (working copy) → those who rely on vote-api at main  incompatible',
    '  /option is required by the reader and never written. The writer writes `vote`, which takes the same values: renamed?',
    '  message  {"vote":"cats"}',
    '  entry    vote "cats"',
    '  where    contracts/votes.ts:6',
  ])
})

test.each([
  ['a reader that needs more', ['option'], ['option', 'timestamp'], 3],
  ['a reader that needs less', ['option', 'timestamp'], ['option'], 0],
])("%s is asked from the reader's side", async (_, before, after, code) => {
  const made = await committedProject({ 'concordat.json': configOf('tally', 'reads', ...before) })
  await made.write('concordat.json', configOf('tally', 'reads', ...after))
  const found = await check(made)
  expect(found.code).toBe(code)
})

test('a writer that writes more is fine, and going back would not be', async () => {
  const made = await committedProject({ 'concordat.json': configOf('vote-api', 'writes', 'option') })
  await made.write('concordat.json', configOf('vote-api', 'writes', 'option', 'timestamp'))
  const { code, lines } = await check(made)
  expect(code).toBe(0)
  expect(lines.at(-1)).toBe('warning  Going back to main would not be safe on stream:votes (incompatible).')
})

test('what is no longer written is missed, and what is no longer read is not', async () => {
  const schema = textFields('option')
  const all = { service: 'a', writes: [{ stream: 'written', schema }], reads: [{ stream: 'read', schema }] }
  const made = await committedProject({ 'concordat.json': all })
  await made.write('concordat.json', { service: 'a' })
  const { code, lines } = await check(made)
  expect(code).toBe(3)
  expect(lines.slice(2, 4)).toEqual([
    'stream:written  those who rely on a at main  removed',
    '  a no longer writes stream:written.',
  ])
})

test('a status that clients were not told of is a break', async () => {
  const made = await committedProject({ 'concordat.json': serves('200') })
  await made.write('concordat.json', serves('200', '404'))
  const { code, lines } = await check(made)
  expect(code).toBe(3)
  expect(lines[2]).toMatch(/^http:a GET \/b#404 {2}.* {2}incompatible$/)
})

test('a status of a class that clients were told of is compared with what that says', async () => {
  const made = await committedProject({
    'concordat.json': { service: 'a', openapi: 'api.json' },
    'api.json': answering('200', '4XX'),
  })
  await made.write('api.json', answering('200', '4XX', '404'))
  expect(await check(made)).toMatchObject({ code: 0 })
  await made.write('api.json', answering('200', '4XX', '503'))
  expect(await check(made)).toMatchObject({ code: 3 })
})

function answering(...statuses: readonly string[]): object {
  const responses = Object.fromEntries(statuses.map((status) => [status, { description: '' }]))
  return { openapi: '3.1.0', paths: { '/b': { get: { responses } } } }
}

function serves(...statuses: readonly string[]): object {
  const responses = Object.fromEntries(statuses.map((status) => [status, {}]))
  return { service: 'a', serves: [{ method: 'GET', path: '/b', responses }] }
}

test('another encoding is a break', async () => {
  const made = await committedProject({ 'concordat.json': configOf('vote-api', 'writes', 'option') })
  const votes = { stream: 'votes', schema: textFields('option'), encoding: 'json' }
  await made.write('concordat.json', { service: 'vote-api', writes: [votes] })
  const { code, lines } = await check(made)
  expect(code).toBe(3)
  expect(lines[3]).toContain('is written as JSON in the field "data" and read as fields')
})

test('a service that is new there breaks nobody', async () => {
  const made = await committedProject({ 'README.md': '' })
  await made.write('concordat.json', configOf('tally', 'reads', 'option'))
  const { code, lines } = await check(made)
  expect(code).toBe(0)
  expect(lines.at(-1)).toBe('note  stream:votes is new: there is nothing at main to compare it with.')
})

test('a configuration that took another form since then is compared with the former', async () => {
  const made = await committedProject({ 'concordat.json': configOf('vote-api', 'writes', 'option') })
  await made.git('rm', '--quiet', 'concordat.json')
  for (const [name, text] of Object.entries(typescriptConfig('option'))) await made.write(name, text)
  const { code, lines } = await check(made)
  expect({ code, first: lines[0] }).toEqual({ code: 0, first: expect.stringMatching(/^Yes: /) })
})

test('the files of the commit are read as they were, and packages from where they are', async () => {
  const made = await committedProject({ 'services/api/.keep': '', ...nest(typescriptConfig('option')) })
  await made.write('services/api/contracts/votes.ts', typescriptConfig('vote')['contracts/votes.ts'] ?? '')
  const second = await commit(made)
  const config = ['--config', 'services/api/concordat.config.ts']
  expect(await made.run('check', '--against', 'git:HEAD~1', ...config)).toMatchObject({ code: 3 })
  expect(await made.run('check', '--against', `git:${second}`, ...config)).toMatchObject({ code: 0 })
})

function nest(files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`services/api/${name}`, text]))
}

test('the repository is as it was, its hooks have not run, and nothing is left behind', async () => {
  const made = await committedProject(typescriptConfig('option'))
  await made.write('.git/hooks/post-checkout', '#!/bin/sh\ntouch hook-ran\n')
  await made.git('config', 'core.hooksPath', '.git/hooks')
  const before = await made.git('status', '--porcelain')
  await check(made)
  expect(await made.git('status', '--porcelain')).toBe(before)
  expect(await made.git('worktree', 'list')).not.toContain('concordat-check')
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('concordat-check-'))).toEqual([])
})

test.each([['nope'], ['--help'], ['$(touch injected)'], ['`touch injected`'], ['main; touch injected'], ['']])(
  'the ref %j is one sentence and exit code 2',
  async (ref) => {
    const made = await committedProject({ 'concordat.json': configOf('tally', 'reads', 'option') })
    expect(await made.run('check', '--against', `git:${ref}`)).toEqual({
      code: 2,
      stdout: '',
      stderr: `git knows no commit "${ref}" here: fetch it (a CI often clones one commit only), or name another.\n`,
    })
    expect(await readdir(made.folder)).not.toContain('injected')
  },
)

test('what is wrong with the files of the commit is said of the commit', async () => {
  const made = await committedProject({ 'concordat.json': '{ "service": 3 }' })
  await made.write('concordat.json', configOf('tally', 'reads', 'option'))
  const { code, stderr } = await made.run('check', '--against', 'git:main')
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'At main: concordat.json:1:3: /service must be string.\n' })
})

test('without a repository it says so', async () => {
  const made = await project({ 'concordat.json': configOf('tally', 'reads', 'option') })
  const { code, stderr } = await made.run('check', '--against', 'git:main')
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^There is no git repository with a commit/),
  })
})
