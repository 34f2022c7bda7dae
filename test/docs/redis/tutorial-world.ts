import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { concordat } from '../../cli/in-process.ts'
import { temporaryRegistry } from '../../registry/temporary.ts'
import { outcomeOf } from '../../support/outcome.ts'
import { startRedis } from '../../support/redis.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'
import { root } from '../markdown.ts'

/** A folder of somebody who follows the tutorial, with the registry and the Redis that it asks for. */
export type World = AsyncDisposable & {
  /** Makes a file; the page names it by its path in the repository. */
  readonly write: (file: string, text: string) => Promise<void>
  /** Runs a command, and answers what the page should show below it. */
  readonly run: (command: string, expected: string) => Promise<string>
}

/** What `npm install` would have put there, and where it lies here: the package is this very working copy. */
const INSTALLED = {
  concordat: '.',
  '@sinclair/typebox': 'node_modules/@sinclair/typebox',
  '@types/node': 'node_modules/@types/node',
  ioredis: 'node_modules/ioredis',
}

const PLAIN = {
  NODE_OPTIONS: '--conditions=concordat-source',
  NODE_COMPILE_CACHE: join(root, '.cache/compiled'),
  NO_COLOR: '1',
}

/** With what the compiler finds the sources in the place of the package's declarations. */
const FOR_SOURCES = words('--customConditions concordat-source --target es2024 --types node')

export async function makeWorld(): Promise<World> {
  await using started = new AsyncDisposableStack()
  const redis = started.use(await startRedis())
  const registry = started.use(await temporaryRegistry())
  const { path: folder } = started.use(await disposableFolder())
  const CONCORDAT_URL = await registry.app.listen({ host: '127.0.0.1', port: 0 })
  const env = { CONCORDAT_URL, REDIS_URL: redis.url, ...PLAIN }
  await setUp(folder)

  let cwd = folder
  const FORMS: readonly (readonly [RegExp, (rest: string, expected: string) => Promise<string>])[] = [
    [/^cd /, async (to) => ((cwd = join(cwd, to)), '')],
    [/^npx concordat /, async (rest) => await runConcordat(rest, { cwd, env })],
    [/^npx tsc /, (rest) => compile(words(rest), { cwd, env })],
    [/^node (?=.*ship\.ts$)/, (program, expected) => runUntilShown(program, { cwd, env, expected })],
    [/^node /, (rest) => runToEnd(process.execPath, words(rest), { cwd, env })],
    [/^python3 /, (rest) => runToEnd('python3', words(rest), { cwd, env })],
    [/^(?=sed )/, (script) => runToEnd('sh', ['-c', script], { cwd, env })],
  ]
  const kept = started.move()
  return {
    write: (file, text) => writeFile(join(folder, file.replace('docs/tutorial/', '')), text),
    run: async (command, expected) => {
      const [form, run] = FORMS.find(([pattern]) => pattern.test(command)) ?? []
      if (form === undefined || run === undefined)
        throw new Error(`The tutorial has a command of no known form: ${command}`)
      return await run(command.replace(form, ''), expected)
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** What the page's own set-up comes to, without a network. */
async function setUp(folder: string): Promise<void> {
  for (const [name, place] of Object.entries(INSTALLED)) {
    const link = join(folder, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(join(root, place), link)
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  for (const service of ['shop', 'shipping', 'kiosk']) await mkdir(join(folder, service))
}

const tsc = join(root, 'node_modules/typescript/bin/tsc')

function words(text: string): string[] {
  return text.split(' ')
}

type Surroundings = { readonly cwd: string; readonly env: Readonly<Record<string, string>> }

async function runConcordat(command: string, surroundings: Surroundings): Promise<string> {
  const [asked = '', then] = command.split(/; | \| /)
  const { code, stdout, stderr } = await concordat(words(asked), surroundings)
  if (then === 'head -n 1') return stdout.slice(0, stdout.indexOf('\n') + 1)
  return `${stdout}${stderr}${then === 'echo $?' ? `${code}\n` : ''}`
}

/** What the compiler finds in our sources, with the options of others, is not for readers: they have declarations. */
async function compile(args: readonly string[], surroundings: Surroundings): Promise<string> {
  const found = await runToEnd(process.execPath, [tsc, ...args, ...FOR_SOURCES], surroundings)
  return found
    .split(/^(?=\S)/m)
    .filter((one) => !one.startsWith('../'))
    .join('')
}

async function runToEnd(program: string, args: readonly string[], { cwd, env }: Surroundings): Promise<string> {
  const { stdout, stderr } = await outcomeOf(program, args, { cwd, env, timeoutMs: 60_000 })
  return stdout + stderr
}

/** Runs a program that goes on until Ctrl+C, which comes when it has printed as many lines as the page shows. */
async function runUntilShown(
  program: string,
  { cwd, env, expected }: Surroundings & { readonly expected: string },
): Promise<string> {
  const child = spawn(process.execPath, [program], { cwd, env: { ...process.env, ...env } })
  const ended = once(child, 'close')
  let shown = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      shown += text
    })
  const hasShown = () => shown.split('\n').length >= expected.split('\n').length - 1
  // what was printed instead is compared with what ought to have been
  await waitFor('what the page shows', hasShown, 30_000).catch(() => undefined)
  child.kill('SIGINT')
  await ended
  return `${shown}^C\n`
}
