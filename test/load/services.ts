import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type GuardedProcess, spawnGuarded } from '../support/guarded-process.ts'
import { waitFor } from '../support/wait-for.ts'

const root = join(import.meta.dirname, '../..')

export type Surroundings = { readonly folder: string; readonly env: Readonly<Record<string, string>> }

/** Starts one of the example's programs as a process of its own. */
export async function startService(
  program: string,
  { folder, env }: Surroundings,
  flags: readonly string[] = [],
): Promise<GuardedProcess> {
  return await spawnGuarded({
    command: process.execPath,
    args: ['--conditions=concordat-source', ...flags, join(root, 'examples/voting', program)],
    folder,
    env: { NODE_COMPILE_CACHE: join(root, '.cache/compiled'), ...env },
  })
}

/** What a service says of itself when it is there, by a pattern with one group. */
export async function heardFrom(service: GuardedProcess, pattern: RegExp): Promise<string> {
  const heard = await waitFor(
    `"${pattern.source}"`,
    () => {
      if (service.hasEnded()) throw new Error(`The service ended instead of starting:\n${service.output()}`)
      return pattern.exec(service.output())
    },
    60_000,
  )
  return heard[1] ?? ''
}

const RESTART_AFTER_MS = 200

/** A service that is started again whenever it ends, until it is disposed of; what has just ended is not killed. */
export type KeptRunning = AsyncDisposable & { readonly kill: () => Promise<void> }

export async function keepRunning(start: () => Promise<GuardedProcess>): Promise<KeptRunning> {
  const closing = new AbortController()
  let running = await start()
  const keep = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await running.ended
      await wait(RESTART_AFTER_MS)
      if (!closing.signal.aborted) running = await start()
    }
  }
  const keeping = keep()
  return {
    kill: async () => {
      await waitFor('a service to kill', () => !running.hasEnded(), 60_000)
      await running.stop('KILL')
    },
    [Symbol.asyncDispose]: async () => {
      closing.abort()
      await running[Symbol.asyncDispose]()
      await keeping
      await running[Symbol.asyncDispose]()
    },
  }
}
