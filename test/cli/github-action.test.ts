import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Outcome, outcomeOf } from '../support/outcome.ts'
import { committedProject, configOf, listeningRegistry, type Project, publish } from './project.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, 'deploy/github-action')
const concordat = `${process.execPath} --conditions=concordat-source ${join(root, 'cli/main.ts')}`

/** Runs the action's script as GitHub does: inputs are variables, and two files take what is told to the job. */
async function act(made: Project, inputs: Readonly<Record<string, string>>): Promise<Outcome & { output: string }> {
  await made.write('output', '')
  await made.write('summary', '')
  const named = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.toUpperCase().replaceAll('-', '_')}`,
    value,
  ])
  const env = {
    ...Object.fromEntries(named),
    INPUT_CONCORDAT: concordat,
    GITHUB_OUTPUT: join(made.folder, 'output'),
    GITHUB_STEP_SUMMARY: join(made.folder, 'summary'),
  }
  const outcome = await outcomeOf('bash', [join(folder, 'run.sh')], { cwd: made.folder, env })
  return { ...outcome, output: await made.read('output') }
}

test('check annotates the contract, writes the summary and SARIF, and answers no', async () => {
  const url = await listeningRegistry()
  await publish(url, configOf('tally', 'reads', 'option'), { runsIn: ['production'] })
  const made = await committedProject({ 'concordat.json': configOf('vote-api', 'writes', 'vote') })
  const found = await act(made, {
    command: 'check',
    against: 'production',
    url,
    'sarif-file': 'out.sarif',
    version: 'head',
  })
  expect(found).toMatchObject({ code: 3, stderr: '', output: 'answer=no\n' })
  expect(found.stdout).toContain('::error file=concordat.json,line=4,title=incompatible%3A stream%3Avotes::')
  expect(await made.read('summary')).toContain('### Concordat: no')
  expect(JSON.parse(await made.read('out.sarif'))).toMatchObject({ version: '2.1.0', runs: [{ results: [{}] }] })
})

test('publish, can-i-deploy and record-deployment go one after the other', async () => {
  const url = await listeningRegistry()
  const made = await committedProject({ 'concordat.json': configOf('vote-api', 'writes', 'option') })
  const version = 'b1946ac'
  const published = await act(made, { command: 'publish', url, version, branch: 'main' })
  const asked = await act(made, { command: 'can-i-deploy', url, version, to: 'production' })
  const recorded = await act(made, { command: 'record-deployment', url, version, to: 'production' })
  expect([published.code, asked.output]).toEqual([0, 'answer=yes\n'])
  // what stands between is no command to the runner, whoever's words it holds
  expect(recorded.stdout).toMatch(/^::stop-commands::(concordat-\d+)\nvote-api b1946ac runs in production\.\n::\1::\n$/)
})

test('nothing in an input becomes a part of the script, or another option', async () => {
  const made = await committedProject({ 'concordat.json': configOf('vote-api', 'writes', 'option') })
  const hostile = '$(touch injected)`touch injected`;touch injected --json'
  const inputs = { command: 'can-i-deploy', url: 'http://127.0.0.1:9', version: '--help', to: hostile }
  const asked = await act(made, inputs)
  expect(asked).toMatchObject({
    code: 1,
    output: 'answer=\n',
    stderr: expect.stringMatching(/^The registry cannot be reached/),
  })
  const unknown = await act(made, { command: 'x\n::error::y' })
  expect(unknown).toMatchObject({
    code: 2,
    stdout: expect.stringMatching(/^::error::There is no command "x[?]+error[?]+y": use [^\n]*\n$/),
  })
  await expect(made.read('injected')).rejects.toThrow('ENOENT')
})

test('the action hands every input to the script, and the script reads no other', () => {
  const action = readFileSync(join(folder, 'action.yml'), 'utf8')
  const script = readFileSync(join(folder, 'run.sh'), 'utf8')
  const [, inputs = ''] = /^inputs:\n(.*?)^\w/ms.exec(action) ?? []
  const named = [...inputs.matchAll(/^ {2}([\w-]+):$/gm)].map(([, name = '']) => name)
  const handed = [...action.matchAll(/^ {8}INPUT_(\w+): /gm)].map(([, name = '']) => name)
  const read = new Set([...script.matchAll(/INPUT_(\w+)/g)].map(([, name = '']) => name))
  const variables = named
    .filter((name) => name !== 'working-directory')
    .map((name) => name.toUpperCase().replaceAll('-', '_'))
  expect(handed.sort()).toEqual(variables.sort())
  expect([...read].sort()).toEqual(handed)
  expect(action.split('runs:')[1]?.match(/run: .*/g)).toEqual(['run: bash "$GITHUB_ACTION_PATH/run.sh"'])
})
