import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { concordatProcess } from './concordat-process.ts'
import { folderOf, VOTES, VOTES_RENAMED } from './piped.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

/** What the commands of the other tests do in our process, a few do here in their own. */
describe('a process', () => {
  test.each([
    [['check', '--writer', 'a.json', '--reader', 'a.json'], 0, /^compatible/, ''],
    [['check', '--writer', 'a.json', '--reader', 'b.json'], 3, /^incompatible/, ''],
    [['check', '--writer', 'a.json', '--reader', 'none.json'], 2, /^$/, /^none\.json cannot be read \(ENOENT/],
    [['graph', '--url', 'http://127.0.0.1:9'], 1, /^$/, /^The registry cannot be reached/],
  ])('of %j ends with %i', async (args, code, stdout, stderr) => {
    const cwd = await folderOf({ 'a.json': VOTES, 'b.json': VOTES_RENAMED })
    expect(await concordatProcess(args, { cwd })).toEqual({
      code,
      stdout: expect.stringMatching(stdout) as string,
      stderr: expect.stringMatching(stderr) as string,
    })
  })
})

describe('output', () => {
  test('ends quietly when nobody reads on', async () => {
    const fields = Array.from({ length: 1500 }, (_, i) => [`field_${i}`, { description: 'x'.repeat(200) }])
    const cwd = await folderOf({ 'big.json': { type: 'object', properties: Object.fromEntries(fields) } })
    const { child, told } = start(['types', '--file', 'big.json'], cwd, 'pipe')
    await once(child.stdout ?? child, 'data')
    child.stdout?.destroy()
    await once(child, 'close')
    expect({ code: child.exitCode, stderr: await told }).toEqual({ code: 0, stderr: '' })
  })

  test.each([
    ['types', '--file', 'votes.json'],
    ['check', '--writer', 'votes.json', '--reader', 'votes.json', '--json'],
    ['validate', '--schema', 'votes.json', 'bad.ndjson'],
  ])('of %s that cannot be written is told, and a failure', async (...args) => {
    const cwd = await folderOf({ 'votes.json': VOTES, 'bad.ndjson': '{}\n{}\n' })
    // what was opened for reading takes nothing
    await using closed = await open(join(cwd, 'votes.json'), 'r')
    const { child, told } = start(args, cwd, closed.fd)
    await once(child, 'close')
    expect({ code: child.exitCode, stderr: await told }).toEqual({
      code: 1,
      stderr: 'What this command says cannot be written (EBADF).\n',
    })
  })
})

type Started = { readonly child: ChildProcess; readonly told: Promise<string> }

function start(args: readonly string[], cwd: string, stdout: 'pipe' | number): Started {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { PATH }, stdio: ['ignore', stdout, 'pipe'] })
  if (child.stderr === null) throw new Error('The process was started without a pipe')
  return { child, told: text(child.stderr) }
}
