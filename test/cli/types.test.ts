import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRegistryClient } from '../../registry/client.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { concordatIn, folderOf, VOTES } from './piped.ts'
import { listeningRegistry } from './project.ts'

const VOTE = `// The types of "votes.json", written by "concordat types"; a change here is lost.

export type Votes = {
  option: 'cats' | 'dogs'
  /** An integer, at least 1, at most 5. */
  weight?: number
}
`

test("a file's types are printed, called by the file", async () => {
  const folder = await folderOf({ 'votes.json': VOTES })
  expect(await concordatIn(folder, ['types', '--file', 'votes.json'])).toEqual({ code: 0, stdout: VOTE, stderr: '' })
})

test('--name calls them otherwise, and --out writes them into a file', async () => {
  const folder = await folderOf({ 'votes.json': VOTES })

  const written = await concordatIn(folder, ['types', '--file', 'votes.json', '--name', 'Vote', '--out', 'vote.ts'])

  expect(written).toEqual({ code: 0, stdout: '', stderr: 'Wrote Vote to vote.ts.\n' })
  expect(await readFile(join(folder, 'vote.ts'), 'utf8')).toBe(VOTE.replace('type Votes', 'type Vote'))
})

test("a subject's types are those of the version that is asked for", async () => {
  const url = await listeningRegistry()
  const client = createRegistryClient(url)
  await client.register('cat-votes', VOTES)
  await client.register('cat-votes', { ...VOTES, description: 'The second one.' })
  const folder = await temporaryFolder()
  const args = ['types', '--subject', 'cat-votes', '--url', url]

  const [first, latest, json] = await Promise.all([
    concordatIn(folder, [...args, '--version', '1']),
    concordatIn(folder, args),
    concordatIn(folder, [...args, '--json']),
  ])

  expect(first.stdout).toBe(VOTE.replace('votes.json', 'cat-votes@1').replace('Votes', 'CatVotes'))
  expect(latest.stdout).toContain('/** The second one. */\nexport type CatVotes = {')
  expect(JSON.parse(json.stdout)).toEqual({ source: 'cat-votes@2', name: 'CatVotes', text: latest.stdout })
})

test('what a subject refers to in other subjects comes along, as types of their own', async () => {
  const url = await listeningRegistry()
  const option = { $schema: DIALECT, enum: ['cats', 'dogs'] }
  await register(url, 'option', option, [])
  const vote = {
    $schema: DIALECT,
    type: 'object',
    properties: { option: { $ref: 'option.json' } },
    required: ['option'],
  }
  await register(url, 'vote', vote, [{ name: 'option.json', subject: 'option', version: 1 }])

  const { stdout } = await concordatIn(await temporaryFolder(), ['types', '--subject', 'vote', '--url', url])

  expect(stdout).toContain("export type Vote = {\n  option: Option\n}\n\nexport type Option = 'cats' | 'dogs'\n")
})

test('nothing in the name of a file or a subject becomes code', async () => {
  const name = 'a"\u2028\nevil()`*\u202E.json'
  const folder = await folderOf({ [name]: VOTES })

  const { stdout } = await concordatIn(folder, ['types', '--file', name])

  expect(stdout).toBe(VOTE.replace('"votes.json"', '"a\\"?\\nevil()`*?.json"').replace('Votes', 'AEvil'))
})

test.each<[string, readonly string[], string]>([
  ['a name that is none', ['--file', 'votes.json', '--name', 'a b'], 'It must be the name of a type, such as Vote'],
  [
    'a schema that leads out',
    ['--file', 'out.json'],
    'out.json:1:2: /$ref refers to "http://169.254.169.254/x", which is not in the document',
  ],
  [
    'a file that cannot be written',
    ['--file', 'votes.json', '--out', 'none/vote.ts'],
    'none/vote.ts cannot be written (ENOENT',
  ],
  ['no schema', [], 'error: name one schema: --subject <name> or --file <file>'],
])('%s is wrong usage, exit code 2', async (_, args, words) => {
  const folder = await folderOf({ 'votes.json': VOTES, 'out.json': { $ref: 'http://169.254.169.254/x' } })

  const { code, stdout, stderr } = await concordatIn(folder, ['types', ...args])

  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(words)
  expect(await readdir(folder)).toHaveLength(2)
})

const DIALECT = 'https://json-schema.org/draft/2020-12/schema'

async function register(url: string, subject: string, schema: object, references: readonly object[]): Promise<void> {
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schemaType: 'JSON', schema: JSON.stringify(schema), references }),
  })
  expect(response.status).toBe(200)
}
