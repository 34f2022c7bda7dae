import { rmSync } from 'node:fs'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildServer, listen, openSqliteStore } from 'concordat/registry'
import type { Redis } from 'ioredis'
import { readVoteApiSettings, readWebSettings } from '../settings.ts'
import { runVoteApi } from '../vote-api/run.ts'
import { runWeb } from '../web/run.ts'
import { openRedis } from './redis.ts'
import { type Outcome, runCommand } from './run-command.ts'
import { commandEnvironment, readRedisUrl, serviceEnvironment } from './settings.ts'
import { startTallyProcess, type TallyProcess } from './tally-process.ts'
import { createVotes, type Votes } from './votes.ts'
import { makeWorkingCopy } from './working-copy.ts'

/** What the story is played on: the system, the registry that knows it, and the working copy of the tally's developer. */
export type Stage = AsyncDisposable & {
  readonly pageUrl: string
  readonly apiUrl: string
  readonly registryUrl: string
  /** The beginning of a command for its Redis, as one would type it. */
  readonly redisCli: string
  readonly redis: Redis
  readonly votes: Votes
  readonly tally: TallyProcess
  /** Where the tally's developer works. */
  readonly workingCopy: string
  /** Runs a program of Node in the working copy. */
  readonly node: (...args: string[]) => Promise<Outcome>
  /** Runs `concordat` in the working copy. */
  readonly concordat: (typed: string) => Promise<Outcome>
}

const voting = join(import.meta.dirname, '..')
const CLI = join(voting, '../../cli/main.ts')

/** Sets all up on free ports and in a temporary folder; what is started ends with this process at the latest. */
export async function openStage(signal: AbortSignal): Promise<Stage> {
  await using opened = new AsyncDisposableStack()
  const folder = await temporaryFolder(opened)
  const workingCopy = join(folder, 'repository/tally')
  const { url: redisUrl, redis, cli: redisCli, registryUrl } = await openServers(folder, opened, signal)
  await makeWorkingCopy(workingCopy)
  signal.throwIfAborted()
  const env = commandEnvironment({ registryUrl, redisUrl })
  const run: Run = (place, ...args) => runCommand({ folder: place, args, env, signal })
  const system = await openVoting(folder, redisUrl, { opened, run })
  signal.throwIfAborted()
  const everything = opened.move()
  return {
    ...system,
    registryUrl,
    redisCli,
    redis,
    votes: createVotes(system.apiUrl, redis),
    workingCopy,
    node: (...args) => run(workingCopy, ...args),
    concordat: (typed) => run(workingCopy, CLI, ...typed.split(' ')),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  }
}

/** Runs a program of Node in a folder. */
type Run = (folder: string, ...args: string[]) => Promise<Outcome>

/** Gone with the stage, and with the process at the latest. */
async function temporaryFolder(opened: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'concordat-demo-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  opened.defer(remove)
  return folder
}

async function openServers(folder: string, opened: AsyncDisposableStack, signal: AbortSignal) {
  const starting = [
    openRedis(readRedisUrl(), signal).then((redis) => opened.use(redis)),
    openRegistry(join(folder, 'registry'), opened),
  ] as const
  // When one fails, the other comes to its end before all is closed.
  await Promise.allSettled(starting)
  const [redis, registryUrl] = await Promise.all(starting)
  return { ...redis, registryUrl }
}

async function openRegistry(folder: string, opened: AsyncDisposableStack): Promise<string> {
  const store = opened.use(await openSqliteStore(folder))
  const server = opened.adopt(buildServer({ store }), (built) => built.close())
  return listen(server, { host: '127.0.0.1', port: 0 })
}

type Means = { readonly opened: AsyncDisposableStack; readonly run: Run }

/** The voting example, of which the registry knows what runs. */
async function openVoting(folder: string, redisUrl: string, { opened, run }: Means) {
  const env = serviceEnvironment({ redisUrl, folder: join(folder, 'data') })
  const starting = [
    openApiAndPage(env, opened),
    openTally(join(folder, 'tally'), env, opened),
    ...['vote-api', 'tally', 'web'].map((service) => recordFirst(join(voting, service), run)),
  ] as const
  await Promise.allSettled(starting)
  const [urls, tally] = await Promise.all(starting)
  return { ...urls, tally }
}

async function openApiAndPage(env: NodeJS.ProcessEnv, opened: AsyncDisposableStack) {
  const api = opened.use(await runVoteApi(readVoteApiSettings(env)))
  const web = opened.use(await runWeb({ ...readWebSettings(env), apiUrl: api.url }))
  api.allowOrigin(web.url)
  return { apiUrl: api.url, pageUrl: web.url }
}

/** The tally will be replaced, and so it is a process of its own. */
async function openTally(folder: string, env: Record<string, string>, opened: AsyncDisposableStack) {
  await mkdir(folder)
  return opened.use(await startTallyProcess({ folder, env }))
}

/** Tells the registry of version 1.0 of a service, which runs in production. */
async function recordFirst(folder: string, run: Run): Promise<void> {
  for (const typed of ['publish --version 1.0 --branch main', 'record-deployment --version 1.0 --to production']) {
    const { code, output } = await run(folder, CLI, ...typed.split(' '))
    if (code !== 0) throw new Error(`"concordat ${typed}" in ${folder} ended with ${code}:\n${output}`)
  }
}
