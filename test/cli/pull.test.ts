import { join } from 'node:path'
import { expect, test } from 'vitest'
import { outcomeOf } from '../support/outcome.ts'
import { configOf, listeningRegistry, type Project, project, publish } from './project.ts'

const VOTES = {
  type: 'object',
  properties: { option: { enum: ['cats', 'dogs'] }, timestamp: { type: 'integer' }, comment: { type: 'string' } },
  required: ['option', 'timestamp'],
}

function writing(service: string, schema: object, options: object = {}) {
  return { service, writes: [{ stream: 'votes', schema, ...options }] }
}

test('pull writes a module that says what is written, by whom, and the same one every time', async () => {
  const url = await listeningRegistry()
  await publish(url, writing('vote-api', VOTES))
  const made = await project({}, { url })
  expect((await made.run('pull', 'votes')).stdout).toBe('Wrote votes.written.ts: what is written to stream:votes.\n')
  const first = await made.read('votes.written.ts')
  expect(first.split('\n').slice(0, 16)).toEqual([
    '// Made by "concordat pull votes". Do not edit it: pull again.',
    expect.stringMatching(/^\/\/ Written by vote-api \(schema [0-9a-f]{64}\)$/),
    '',
    "import { Type } from '@sinclair/typebox'",
    "import { stream } from 'concordat/contracts'",
    '',
    'export type VotesWritten = {',
    '  comment?: string',
    "  option: 'cats' | 'dogs'",
    '  /** An integer. */',
    '  timestamp: number',
    '}',
    '',
    'export const votesWritten = stream(',
    '  "votes",',
    '  Type.Unsafe<VotesWritten>({',
  ])
  expect(await made.run('pull', 'votes', '--check')).toMatchObject({ code: 0 })
  await made.write('votes.written.ts', first.replaceAll('\n', '\r\n'))
  expect(await made.run('pull', 'votes', '--check')).toMatchObject({ code: 0 })
  await publish(url, writing('vote-api', VOTES), { version: '2' })
  expect(await made.run('pull', 'votes', '--check')).toMatchObject({ code: 0 })
  await publish(url, writing('other-api', VOTES))
  const stale = await made.run('pull', 'votes', '--check')
  expect(stale.code).toBe(3)
  expect(stale.stderr).toBe(
    'votes.written.ts says something else than the registry: run "concordat pull votes" and commit what it writes.\n',
  )
})

// The compiler reads the declarations of every dependency as well.
test('what a reader declares of it is checked by the compiler', { timeout: 60_000 }, async () => {
  const url = await listeningRegistry()
  await publish(url, writing('vote-api', VOTES))
  const made = await project(
    {
      'package.json': { type: 'module' },
      'tsconfig.json': { compilerOptions: STRICT, files: ['tally.ts'] },
      'tally.ts': [
        "import { Type } from '@sinclair/typebox'",
        "import { type Message, reads } from 'concordat/contracts'",
        "import { votesWritten } from './votes.written.ts'",
        '',
        'export const VotesRead = reads(votesWritten, { option: Type.String(), timestamp: Type.Integer() })',
        "export const vote: Message<typeof VotesRead> = { option: 'cats', timestamp: 1 }",
        '// @ts-expect-error vote is never written',
        'export const never = reads(votesWritten, { vote: Type.String() })',
        '// @ts-expect-error timestamp is written otherwise',
        'export const otherwise = reads(votesWritten, { timestamp: Type.String() })',
        '',
      ].join('\n'),
    },
    { url },
  )
  await made.run('pull', 'votes')
  expect(await outcomeOf('node', [TSC, '-p', made.folder], { timeoutMs: 60_000 })).toMatchObject({
    code: 0,
    stdout: '',
  })
})

const TSC = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
const STRICT = {
  target: 'es2024',
  lib: ['es2024', 'esnext.collection', 'esnext.disposable'],
  module: 'nodenext',
  customConditions: ['concordat-source'],
  types: ['node'],
  typeRoots: [join(import.meta.dirname, '../../node_modules/@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
}

test('a module is of all writers, and of their form on the wire', async () => {
  const url = await listeningRegistry()
  const json = { encoding: 'json', field: 'vote', headers: 'id', bus: 'cache' }
  await publish(url, writing('one', { type: 'object', properties: { a: { type: 'string' } } }, json))
  await publish(url, writing('two', { type: 'object', properties: { a: { type: 'integer' } } }, json))
  const made = await project({}, { url })
  const { stdout } = await made.run('pull', 'votes', '--bus', 'cache', '--out', '-')
  expect(stdout).toContain('    "anyOf": [\n')
  expect(stdout).toMatch(
    /\n {2}\{\n {4}"bus": "cache",\n {4}"encoding": "json",\n {4}"field": "vote",\n {4}"headers": "id"\n {2}\},\n\)\n$/,
  )
  expect(await loaded(made, stdout)).toBe('stream:cache/votes')
})

test('two forms on the wire are an answer that no reader can read', async () => {
  const url = await listeningRegistry()
  await publish(url, writing('one', VOTES))
  await publish(url, writing('two', VOTES, { encoding: 'json' }))
  const { code, stderr } = await (await project({}, { url })).run('pull', 'votes')
  expect(code).toBe(3)
  expect(stderr).toMatch(
    /^stream:votes is written in two forms: .* No reader can read both: let the writers agree first\.\n$/,
  )
})

test('nothing that a schema or a name says becomes code', async () => {
  const url = await listeningRegistry()
  const hostile = '*/ process.exit(7) /* `${process.exit(8)}` \u2028process.exit(9)//"\'\\'
  const schema = {
    title: hostile,
    description: hostile,
    type: 'object',
    properties: { [hostile]: { const: hostile, description: hostile }, a: { enum: [hostile], default: hostile } },
    required: [hostile],
  }
  const stream = 'x*`;process.exit(6)\'"\\'
  await publish(
    url,
    { service: 'a', writes: [{ stream: stream, schema }] },
    { version: hostile.replace('\u2028', ' ') },
  )
  const made = await project({}, { url })
  const { code, stdout, stderr } = await made.run('pull', stream, '--out', '-')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(await loaded(made, stdout)).toBe(`stream:${stream}`)
})

test('a file is named after the stream, and lies where the command runs', async () => {
  const url = await listeningRegistry()
  const stream = '..\\x:{votes}.v1'
  await publish(url, { service: 'a', writes: [{ stream, schema: VOTES }] })
  const made = await project({}, { url })
  expect(await made.run('pull', stream)).toMatchObject({
    code: 0,
    stdout: `Wrote x-votes-.v1.written.ts: what is written to stream:${stream}.\n`,
  })
  expect(await made.read('x-votes-.v1.written.ts')).toContain('export const xVotesV1Written = stream(')
})

test('what nobody writes is the answer no, and what nobody knows is wrong usage', async () => {
  const url = await listeningRegistry()
  await publish(url, configOf('tally', 'reads', 'option'))
  const made = await project({}, { url })
  expect(await made.run('pull', 'votes')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/^Nobody writes stream:votes, /),
  })
  expect(await made.run('pull', 'vote')).toMatchObject({ code: 2, stderr: expect.stringMatching(/"?stream:vote/) })
})

/** Runs a module in a process of its own, and tells the channel of the contract that it exports. */
async function loaded(made: Project, text: string): Promise<string> {
  await made.write('pulled.ts', text)
  await made.write('load.ts', "import * as pulled from './pulled.ts'\nconsole.log(Object.values(pulled)[0].channel)\n")
  const args = ['--conditions=concordat-source', join(made.folder, 'load.ts')]
  const { stdout, stderr } = await outcomeOf('node', args, { cwd: made.folder })
  return stdout.trimEnd() || stderr
}

test('what is missing is told with the command that makes it', async () => {
  const url = await listeningRegistry()
  await publish(url, writing('one', VOTES, { bus: 'cache' }))
  const made = await project({}, { url })
  expect(await made.run('pull', 'votes', '--bus', 'cache', '--out', 'a.ts', '--check')).toEqual({
    code: 3,
    stdout: '',
    stderr: 'a.ts is not there: run "concordat pull votes --bus cache --out a.ts" and commit what it writes.\n',
  })
})

test.each([
  [['votes', '--check', '--out', '-'], /^error: --check looks at a file, and --out - names none/],
  [['cache/votes'], /^error: "cache\/votes" names a bus, too: say "concordat pull votes --bus cache"/],
  [['nobody'], /^No contract names the channel "stream:nobody"/],
])('pull %j is wrong usage, exit code 2', async (args, sentence) => {
  const made = await project({}, { url: await listeningRegistry() })
  const { code, stdout, stderr } = await made.run('pull', ...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(sentence)
})
