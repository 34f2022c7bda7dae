import { expect, test } from 'vitest'
import { FORMATS } from '../../cli/report/options.ts'
import { BRANCH_VARIABLES, BUILD_URL_VARIABLES, DEFAULT_URL } from '../../cli/settings.ts'
import { runHere } from './console.ts'
import { codesIn, namesIn, read, rowsUnder } from './markdown.ts'

const commands = namesIn(rowsUnder('docs/cli.md', 'The command line'))

test('docs/cli.md lists every command, in the order of --help, and no other', async () => {
  const help = await runHere('npx node cli/main.ts --help')
  const [, listed = ''] = /^Commands:\n(.*)/ms.exec(help) ?? []
  const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name)
  expect(commands).toEqual(names.filter((name) => name !== 'help'))
})

test.concurrent.each(commands)('concordat %s --help says how it is called, with an example', async (command) => {
  const help = await runHere(`npx node cli/main.ts ${command} --help`)
  expect(help).toMatch(new RegExp(`^Usage: concordat ${command} `))
  expect(help).toMatch(new RegExp(`\\nExamples?:\\n  concordat ${command} `))
})

test('docs/ci.md lists every report', () => {
  expect(namesIn(rowsUnder('docs/ci.md', 'Reports'))).toEqual([...FORMATS])
})

test('docs/ci.md tells where the branch, the build and the registry are looked for, in their order', () => {
  const rows = Object.fromEntries(
    rowsUnder('docs/ci.md', 'What it finds out by itself').map(([name = '', where = '']) => [name, codesIn(where)]),
  )
  expect(rows.branch).toEqual(['--branch', ...BRANCH_VARIABLES])
  expect(rows.build).toEqual(['--build-url', ...BUILD_URL_VARIABLES])
  expect(rows.registry).toEqual(['--url', 'CONCORDAT_URL', DEFAULT_URL])
})

test('docs/config.md lists every member of concordat.json', () => {
  const schema = JSON.parse(read('cli/concordat.schema.json')) as {
    readonly properties: object
    readonly definitions: { readonly stream: { readonly properties: object } }
  }
  const told = rowsUnder('docs/config.md', 'In JSON, for any language').flatMap(([name = '', what = '']) =>
    codesIn(`${name} ${what}`).map((code) => code.split(':')[0] ?? ''),
  )
  const members = [schema.properties, schema.definitions.stream.properties].flatMap((some) => Object.keys(some))
  expect(members.filter((name) => name !== '$schema' && !told.includes(name))).toEqual([])
})
