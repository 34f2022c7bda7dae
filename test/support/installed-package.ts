import { existsSync } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { type Outcome, outcomeOf } from './outcome.ts'

const root = join(import.meta.dirname, '../..')

/** What a project brings along that writes contracts and talks to Redis in TypeScript. */
const ofTheProject = ['@sinclair/typebox', 'ioredis', '@types/node']

/** A project of somebody's, with nothing in it but the packed `concordat` and what that says it depends on. */
export type Project = AsyncDisposable & {
  /** The tarball's files, as they lie in the installed package. */
  readonly packed: readonly string[]
  write(name: string, text: string): Promise<void>
  /** Runs the project's own program, by plain Node, without our conditions. */
  run(command: string, ...args: readonly string[]): Promise<Outcome>
  /** Runs the compiler on the project. */
  compile(): Promise<Outcome>
}

/** Builds, packs and installs, all of it in a temporary folder and without a network: dependencies are linked to ours. */
export async function installPackage(): Promise<Project> {
  await using onFailure = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'concordat-package-'))
  onFailure.defer(() => rm(folder, { recursive: true, force: true }))
  const app = join(folder, 'app')
  const tarball = await pack(folder)
  await unpack(tarball, join(app, 'node_modules/concordat'))
  await linkDependencies(join(app, 'node_modules'))
  await linkBin(join(app, 'node_modules'))
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }))
  const packed = await expectSuccess('tar', ['-tzf', tarball])
  const made = onFailure.move()
  return {
    packed: packed
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, '')),
    write: (name, text) => writeFile(join(app, name), text),
    run: (command, ...args) => outcomeOf(command, args, { cwd: app, env: plainEnv(app) }),
    compile: () => outcomeOf(process.execPath, [tsc, '-p', app], { cwd: app, env: plainEnv(app), timeoutMs: 60_000 }),
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  }
}

const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** `npm run build` and `npm pack`, but not in the repository, where others may be building. */
async function pack(folder: string): Promise<string> {
  const staging = join(folder, 'staging')
  await mkdir(staging)
  await expectSuccess(process.execPath, [
    tsc,
    '-p',
    join(root, 'tsconfig.build.json'),
    '--outDir',
    join(staging, 'dist'),
  ])
  const named = manifest.files.map((pattern) => pattern.split('/')[0] ?? pattern)
  const present = ['package.json', ...named].filter((name) => name !== 'dist' && existsSync(join(root, name)))
  for (const name of present) await cp(join(root, name), join(staging, name), { recursive: true })
  const args = ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]
  return join(folder, (await expectSuccess('npm', args, staging)).trim())
}

async function unpack(tarball: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await expectSuccess('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
}

async function linkDependencies(modules: string): Promise<void> {
  for (const name of new Set([...Object.keys(manifest.dependencies), ...ofTheProject])) {
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(modules, name))
  }
}

/** As npm does it: a link to the program, which is made executable. */
async function linkBin(modules: string): Promise<void> {
  const program = join(modules, 'concordat', manifest.bin.concordat)
  await chmod(program, 0o755)
  await mkdir(join(modules, '.bin'))
  await symlink(program, join(modules, '.bin/concordat'))
}

/** The Node that runs us is the one that the bin's first line finds. */
function plainEnv(app: string): NodeJS.ProcessEnv {
  const path = [join(app, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter)
  return { PATH: path, NODE_OPTIONS: '' }
}

async function expectSuccess(command: string, args: readonly string[], cwd = root): Promise<string> {
  const { code, stdout, stderr } = await outcomeOf(command, args, { cwd, timeoutMs: 60_000 })
  if (code !== 0) throw new Error(`${basename(command)} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
  return stdout
}
