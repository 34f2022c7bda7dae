import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { promisify, stripVTControlCharacters } from 'node:util'
import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test } from 'vitest'
import { readArguments } from '../../examples/voting/demo/arguments.ts'
import { conclude, NotShown, type Numbered, play, type Step } from '../../examples/voting/demo/play.ts'
import { createScreen } from '../../examples/voting/demo/screen.ts'
import { showCommand } from '../../examples/voting/demo/show-command.ts'
import type { Stage } from '../../examples/voting/demo/stage.ts'
import { STORY } from '../../examples/voting/demo/story.ts'
import { listSteps } from '../docs/console.ts'
import { spawnGuarded } from '../support/guarded-process.ts'
import { outcomeOf } from '../support/outcome.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const program = ['--conditions=concordat-source', join(import.meta.dirname, '../../examples/voting/demo/main.ts')]

// A whole system is set up, and some twenty programs run.
const TIMEOUT = { timeout: 120_000 }

/** What each step must come to. */
const ENDS = [
  /✔ works: 7 votes were accepted, 7 are counted, and one that broke the contract is parked/,
  /Property '"vote is never written"' is missing.*✔ caught: the tally that reads `vote` does not compile/s,
  /renamed\?\n.*message {2}\{"option":"cats".*✔ caught: the pull request is refused/s,
  /Actual map is missing the following keys: vote\n.*✔ caught: the pact of the tally does not hold/s,
  /No: tally 2\.0 cannot go to production: .*✔ caught: tally 2\.0 does not go to production/s,
  /reads no more: the last 20 messages had to be parked.*"total_votes":38.*✔ caught: 20 votes were parked whole, and after the fix all 38 /s,
]

test(
  'the demo plays every step without a terminal, says where to look, and leaves nothing behind',
  TIMEOUT,
  async () => {
    const temporary = await temporaryFolder()
    const { code, stdout } = await demo([], { TMPDIR: temporary })

    expect(stdout).not.toContain('✘')
    expect(code).toBe(0)
    expect(stdout).toMatch(/the page +http:\/\/127\.0\.0\.1:\d+\n.*\/api\/results\n.*XRANGE votes - \+\n/s)
    const chapters = stdout.split(/^(?=\d {2}\S)/m).slice(1)
    expect(chapters.map((chapter) => chapter.split('\n')[0])).toEqual(
      STORY.map(({ number, step }) => `${number}  ${step.title}`),
    )
    for (const [i, end] of ENDS.entries()) expect(chapters[i]).toMatch(end)
    expect(stdout).toMatch(/\nEach step showed what it should\.\n$/)
    expect(await readdir(temporary)).toEqual([])
    expect(await processesOf(temporary)).toEqual([])
    expect(linesOfReadme().filter((line) => !stdout.includes(line))).toEqual([])
  },
)

test('stopped by SIGINT, it ends its processes and removes its folders', TIMEOUT, async () => {
  const temporary = await temporaryFolder()
  const folder = await temporaryFolder()
  const running = await spawnGuarded({
    command: process.execPath,
    args: [...program, 'forced'],
    folder,
    env: { TMPDIR: temporary, REDIS_URL: '' },
  })
  onTestFinished(() => running[Symbol.asyncDispose]())
  await waitFor('the last step', () => running.output().includes('node mistake/main.ts'), 60_000)

  await running.stop('INT')

  expect(await running.ended).toBe(130)
  expect(running.output()).toMatch(/The demo was stopped, and what it had started has ended\.\n$/)
  expect(running.output()).not.toContain('✘')
  await waitFor('the tally to have ended', async () => (await processesOf(temporary)).length === 0, 10_000)
  expect(await readdir(temporary)).toEqual([])
})

test('a Redis that has votes already is left alone', TIMEOUT, async () => {
  const url = `${inject('redisUrl')}/9`
  const redis = new Redis(url)
  onTestFinished(() => redis.disconnect())
  onTestFinished(async () => void (await redis.del('votes')))
  await redis.set('votes', 'of somebody else')

  const { code, stderr } = await demo(['works'], { REDIS_URL: url })

  expect(stderr).toContain(
    `The Redis at ${new URL(url).host} has "votes" already: name another in REDIS_URL, such as redis://host:port/1, or leave it away.\n`,
  )
  expect(code).toBe(1)
  expect(await redis.keys('*')).toEqual(['votes'])
})

test('--list tells the steps, and an unknown one is refused with what there is', async () => {
  const [listed, unknown] = await Promise.all([demo(['--list']), demo(['7'])])

  expect(listed.code).toBe(0)
  expect(listed.stdout.trimEnd().split('\n')).toEqual(
    STORY.map(({ number, step }) => expect.stringMatching(`^${number} .*${step.name} +${escape(step.title)}$`)),
  )
  expect(unknown).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'There is no step "7". Say "npm run demo" for all steps, "npm run demo -- --list" to see them, or some of 0 (works), 1 (types), 2 (check), 3 (pact), 4 (can-i-deploy), 5 (forced).\n',
  })
})

test('steps are named by number or by name', () => {
  const { steps } = readArguments(['3', 'types'], STORY)
  expect(steps.map(({ step }) => step.name)).toEqual(['pact', 'types'])
  expect(readArguments([], STORY)).toEqual({ list: false, steps: STORY })
  expect(() => readArguments(['--fast'], STORY)).toThrow('--fast is not understood. Say "npm run demo" for all steps')
})

test('a step that does not show what it should is told and named, the next is played all the same, and the exit code is 1', async () => {
  const { screen, printed } = fakeScreen()
  const steps = [
    fakeStep('ends-otherwise', async () => {
      await showCommand(screen, { ...asked, run: async () => ({ code: 0, output: 'Yes' }) })
    }),
    fakeStep('says-otherwise', async () => {
      await showCommand(screen, { ...asked, run: async () => ({ code: 3, output: 'Perhaps not' }) })
    }),
    fakeStep('shows', async () => {
      await showCommand(screen, { ...asked, run: async () => ({ code: 3, output: 'No: 1 reason' }) })
    }),
  ]

  const missed = await play(steps, playingOn(screen))

  expect(missed).toEqual(['ends-otherwise', 'says-otherwise'])
  expect(conclude(missed, screen)).toBe(1)
  expect(
    printed()
      .match(/^ +[✔✘].*$/gm)
      ?.map((line) => line.trim()),
  ).toEqual([
    '✘ "concordat ask" ended with 0, and not with 3.',
    '✘ "concordat ask" did not say "No:".',
    '✔ caught: shows',
  ])
  expect(printed()).toMatch(/What it should was not shown by: ends-otherwise, says-otherwise\.\n$/)
})

test('somebody who leaves sees no further step, and what was stopped is no failure of a step', async () => {
  const { screen, printed } = fakeScreen()
  const [one, two] = [fakeStep('one', async () => {}), fakeStep('two', async () => {})]
  expect(await play([one, two], { ...playingOn(screen), goOn: async () => false })).toEqual([])
  expect(printed()).not.toContain('two')

  const stopped = AbortSignal.abort(new Error('stopped'))
  const failing = fakeStep('failing', async () => {
    throw new NotShown('It was cut off.')
  })
  await expect(play([failing], { ...playingOn(screen), signal: stopped })).rejects.toThrow('stopped')
  expect(printed()).not.toContain('✘')
})

const asked = { folder: 'tally', typed: 'concordat ask', ends: 3, says: ['No:'] }

function demo(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return outcomeOf(process.execPath, [...program, ...args], { env: { REDIS_URL: '', ...env }, timeoutMs: 110_000 })
}

/** What runs with a folder in its command line. */
async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args'])
  return stdout.split('\n').filter((line) => line.includes(folder))
}

/** What the README shows of the demo, but for what is left out there. */
function linesOfReadme(): string[] {
  const { output = '' } = listSteps().find(({ command }) => command === 'npm run demo') ?? {}
  const lines = output.split('\n').filter((line) => line !== '' && !line.includes('…'))
  expect(lines.length).toBeGreaterThan(5)
  return lines
}

function fakeStep(name: string, shows: () => Promise<void>): Numbered {
  const played: Step = { name, title: `The step ${name}`, tells: 'What happens.', play: async () => `caught: ${name}` }
  return {
    number: 0,
    step: {
      ...played,
      play: async (...given) => {
        await shows()
        return played.play(...given)
      },
    },
  }
}

/** No step here asks for anything of the stage. */
function playingOn(screen: ReturnType<typeof createScreen>) {
  return { stage: {} as Stage, screen, signal: new AbortController().signal, goOn: async () => true }
}

function fakeScreen() {
  const out = new PassThrough({ encoding: 'utf8' })
  let text = ''
  out.on('data', (chunk: string) => (text += stripVTControlCharacters(chunk)))
  return { screen: createScreen(out, out), printed: () => text }
}

function escape(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
