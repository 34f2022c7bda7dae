import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import packed from '../../package.json' with { type: 'json' }
import { DEFAULTS, Environment } from '../../registry/settings-schema.ts'
import { curl, listSteps, runHere, serveIn } from './console.ts'
import { codesIn, listPages, read, rowsUnder } from './markdown.ts'

const steps = listSteps()
const isRunHere = /^npx node cli\/main\.ts /
const isCurl = /^curl -s http:\/\/127\.0\.0\.1:8081\//

test('every command of the docs is of a form that is run here', () => {
  const others = steps.filter(
    ({ command }) => ![isRunHere, isCurl, /^npm start$/, /^npm run demo$/].some((form) => form.test(command)),
  )
  expect(others).toEqual([])
})

test.concurrent.each(steps.filter(({ command }) => isRunHere.test(command)))(
  '$page: $command prints what the docs say',
  async ({ command, output }) => {
    expect(await runHere(command)).toBe(output)
  },
)

test('npm start prints what the docs say, and the requests after it are answered so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-docs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await using serving = await serveIn(folder)
  const [started] = steps.filter(({ command }) => command === 'npm start')
  expect(serving.greeting.replaceAll(serving.url, 'http://127.0.0.1:8081')).toBe(started?.output)
  for (const { command, output } of steps.filter((step) => isCurl.test(step.command)))
    expect(await curl(command, serving.url)).toBe(output)
})

test('npm start runs the command that greets so', () => {
  expect(packed.scripts.start).toMatch(/exec node cli\/main.ts serve$/)
})

test('the README lists every script that one calls, and no other', () => {
  const called = Object.keys(packed.scripts).filter((name) => !name.startsWith('pre'))
  const told = rowsUnder('README.md', 'Work on it').flatMap(([command = '']) => codesIn(command))
  const scripts = told.map((command) => command.replace(/^npm (run )?/, '')).filter((name) => !/^[A-Z-]/.test(name))
  expect(scripts.sort()).toEqual(called.sort())
})

test.each(listPages())('the scripts that %s names are there', (page) => {
  const named = [...read(page).matchAll(/npm run ([\w-]+)/g)].map(([, name = '']) => name)
  expect(named.filter((name) => !Object.hasOwn(packed.scripts, name))).toEqual([])
})

test("the README lists the registry's settings with their defaults, in the order of the schema, and no other", () => {
  const told = rowsUnder('README.md', 'Work on it')
    .map(([name = '', , value = '']) => [codesIn(name)[0] ?? '', value])
    .filter(([name = '']) => /^[A-Z_]+$/.test(name))
  const defaults: Readonly<Record<string, string>> = DEFAULTS
  expect(told).toEqual(Object.keys(Environment.properties).map((name) => [name, defaults[name] ?? '']))
})
