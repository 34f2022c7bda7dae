import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { temporaryRegistry } from '../registry/temporary.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { concordat, type Ended } from './in-process.ts'

const root = join(import.meta.dirname, '../..')
const execute = promisify(execFile)

/** A folder of somebody's, in which `concordat` is run. */
export type Project = {
  readonly folder: string
  write(name: string, text: string | object): Promise<void>
  read(name: string): Promise<string>
  git(...args: readonly string[]): Promise<string>
  /** Runs `concordat` there, on our sources; the registry is the one that the project was made with. */
  run(...args: readonly string[]): Promise<Ended>
}

type Surroundings = { readonly url?: string; readonly env?: Readonly<Record<string, string>> }

/** A project with files; `concordat/contracts` and TypeBox are installed in it. */
export async function project(
  files: Readonly<Record<string, string | object>>,
  { url = 'http://127.0.0.1:9', env = {} }: Surroundings = {},
): Promise<Project> {
  const folder = await temporaryFolder()
  const write = async (name: string, text: string | object): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), typeof text === 'string' ? text : JSON.stringify(text, null, 2))
  }
  await mkdir(join(folder, 'node_modules/@sinclair'), { recursive: true })
  await symlink(root, join(folder, 'node_modules/concordat'))
  await symlink(join(root, 'node_modules/@sinclair/typebox'), join(folder, 'node_modules/@sinclair/typebox'))
  for (const [name, text] of Object.entries(files)) await write(name, text)
  return {
    folder,
    write,
    read: (name) => readFile(join(folder, name), 'utf8'),
    git: async (...args) => (await execute('git', [...IDENTITY, ...args], { cwd: folder })).stdout.trim(),
    run: (...args) => concordat(args, { cwd: folder, env: { CONCORDAT_URL: url, ...env } }),
  }
}

const IDENTITY = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false']

/** The same in a git repository on the branch `main`, with one commit of everything. */
export async function committedProject(
  files: Readonly<Record<string, string | object>>,
  surroundings: Surroundings = {},
): Promise<Project> {
  const made = await project({ '.gitignore': 'node_modules\n', ...files }, surroundings)
  await made.git('init', '--quiet', '--initial-branch=main')
  await commit(made)
  return made
}

/** Commits everything, and tells the commit. */
export async function commit(made: Project): Promise<string> {
  await made.git('add', '--all')
  await made.git('commit', '--quiet', '--message=Change')
  return made.git('rev-parse', 'HEAD')
}

/** A registry that listens until the test is over. */
export async function listeningRegistry(): Promise<string> {
  const registry = await temporaryRegistry()
  onTestFinished(() => registry[Symbol.asyncDispose]())
  return registry.app.listen({ host: '127.0.0.1', port: 0 })
}

/** Publishes a version as `concordat publish` does, and records that it runs in some environments. */
export async function publish(
  url: string,
  config: ReturnType<typeof configOf>,
  { version = '1', branch = 'main', runsIn = [] }: PublishOptions = {},
): Promise<void> {
  const { service, ...contracts } = config
  const body = { branch, ...contracts }
  await post(`${url}/api/services/${service}/versions/${encodeURIComponent(version)}/contracts`, body)
  for (const environment of runsIn)
    await post(`${url}/api/environments/${environment}/deployments`, { service, version })
}

type PublishOptions = { readonly version?: string; readonly branch?: string; readonly runsIn?: readonly string[] }

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}

/** The configuration of a service in JSON that writes or reads `votes` with these fields, all of them required text. */
export function configOf(service: string, verb: 'writes' | 'reads', ...fields: readonly string[]): SmallConfig {
  return { service, [verb]: [{ stream: 'votes', schema: textFields(...fields) }] }
}

type SmallConfig = { readonly service: string; readonly [verb: string]: unknown }

/** The schema of an object with these fields, all of them required text. */
export function textFields(...fields: readonly string[]): object {
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'string' }]))
  return { type: 'object', properties, required: fields }
}

/** A configuration in TypeScript, whose contracts stand in a file of their own. */
export function typescriptConfig(field: string): Readonly<Record<string, string>> {
  return {
    'concordat.config.ts': [
      "import { service } from 'concordat/contracts'",
      "import { PostVote, Votes } from './contracts/votes.ts'",
      '',
      "export default service('vote-api', { writes: [Votes], serves: [PostVote] })",
      '',
    ].join('\n'),
    'contracts/votes.ts': [
      "import { Type } from '@sinclair/typebox'",
      "import { endpoint, stream } from 'concordat/contracts'",
      '',
      "const options: ['cats', 'dogs'] = ['cats', 'dogs']",
      '',
      "export const Votes = stream('votes', {",
      `  ${field}: Type.Union(options.map((option) => Type.Literal(option))),`,
      '})',
      '',
      "export const PostVote = endpoint('PostVote', {",
      "  method: 'POST',",
      "  path: '/api/vote/:id',",
      '  responses: { 201: { message: Type.String() } },',
      '})',
      '',
    ].join('\n'),
  }
}
