import { describe, expect, test } from 'vitest'
import { concordatIn, folderOf, VOTES, VOTES_RENAMED } from './piped.ts'

const SAY_WHAT = 'say what to compare: --against <what>, or --writer <file> and --reader <file>'
const BROKEN = '{\n  "type": "objekt"\n}'

describe('concordat check of two files', () => {
  test.each([
    ['one that is no schema', ['broken.json', 'votes.json'], ['broken.json:2:3: /type is no JSON Schema: ']],
    [
      'both',
      ['broken.json', 'cut.json'],
      ['broken.json:2:3: /type is no JSON Schema: ', 'cut.json:1:2: The whole is not'],
    ],
    ['one that is no text', ['votes.json', 'latin.json'], ['latin.json is not text in UTF-8.']],
    ['one that is not there', ['none.json', 'votes.json'], ['none.json cannot be read (ENOENT']],
  ])('refuses %s with the place, and exit code 2', async (_, [writer = '', reader = ''], beginnings) => {
    const latin = Buffer.from('{"\xE4":1}', 'latin1')
    const cwd = await folderOf({ 'votes.json': VOTES, 'broken.json': BROKEN, 'cut.json': '{', 'latin.json': latin })
    const args = ['check', '--writer', writer, '--reader', reader]
    const [plain, json] = await Promise.all([concordatIn(cwd, args), concordatIn(cwd, [...args, '--json'])])
    const lines = plain.stderr.trimEnd().split('\n')
    expect({ code: plain.code, stdout: plain.stdout, lines: lines.length }).toEqual({
      code: 2,
      stdout: '',
      lines: beginnings.length,
    })
    for (const [i, beginning] of beginnings.entries()) expect(lines[i]).toContain(beginning)
    expect(JSON.parse(json.stdout)).toMatchObject({ message: plain.stderr.trimEnd() })
  })

  test('reads what editors of Windows write', async () => {
    const text = `\uFEFF${JSON.stringify(VOTES, null, 2).replaceAll('\n', '\r\n')}`
    const cwd = await folderOf({ 'votes.json': text })
    expect(await concordatIn(cwd, ['check', '--writer', 'votes.json', '--reader', 'votes.json'])).toMatchObject({
      code: 0,
    })
  })

  test('shows nothing that steers a terminal', async () => {
    const hostile = 'a\u202e\u009b2J'
    const schema = { type: 'object', properties: { [hostile]: { const: hostile } }, required: [hostile] }
    const cwd = await folderOf({ 'w.json': schema, 'r.json': VOTES_RENAMED })
    const { code, stdout } = await concordatIn(cwd, ['check', '--writer', 'w.json', '--reader', 'r.json'])
    expect(code).toBe(3)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('what went wrong is told as JSON, too', () => {
  test.each([
    [['check', '--json'], 2, { error: 'usage.wrong', message: SAY_WHAT }],
    [['bogus', '--json'], 2, { error: 'usage.wrong', message: "unknown command 'bogus'" }],
    [['graph', '--json', '--url', 'http://127.0.0.1:9'], 1, { error: 'registry.unreachable' }],
    [['export', '--json', '--out', 'x', '--data', 'none'], 2, { error: 'export.no-database' }],
    [
      ['dead-letters', 'list', '--json', '--stream', 's', '--group', 'g', '--redis', 'redis://:secret@127.0.0.1:1'],
      1,
      { error: 'redis.failed' },
    ],
  ])('for %j', async (args, code, told) => {
    const ended = await concordatIn(await folderOf({}), args)
    expect(ended.code).toBe(code)
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1)
    expect(JSON.parse(ended.stdout)).toMatchObject(told)
    expect(ended.stdout).not.toContain('secret')
  })
})
