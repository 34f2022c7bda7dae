import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, type OnPort, startOn } from './free-port.ts'
import { type Command, type GuardedProcess, runGuarded, type StopSignal, spawnGuarded } from './guarded-process.ts'
import { waitFor } from './wait-for.ts'

export type CommandLine = Omit<Command, 'folder'>

export type ServerPlan = {
  readonly name: string
  /** Where its folder is made; the system's place for temporary files unless it says otherwise. */
  readonly under?: string
  /** What it prints when it can be used. */
  readonly ready: RegExp
  /** What to run before the first start, one after the other. */
  prepare?(folder: string): CommandLine[]
  command(port: number, folder: string): CommandLine
}

/** A server on a port and in a temporary folder of its own. Both outlive a stop, so that it can be started again. */
export type ServerProcess = AsyncDisposable & {
  readonly port: number
  readonly folder: string
  start(): Promise<void>
  /** Resolves when the server has ended. `KILL` is a crash. */
  stop(signal?: StopSignal): Promise<void>
  /** What the server said of late. */
  lastLines(): string
}

/** Starts a server that never outlives this process, whatever ends this process. */
export async function startServer(plan: ServerPlan): Promise<ServerProcess> {
  await using onFailure = new AsyncDisposableStack()
  const folder = await mkdtemp(join(plan.under ?? tmpdir(), `concordat-${plan.name}-`))
  onFailure.defer(() => rm(folder, { recursive: true, force: true }))
  for (const preparation of plan.prepare?.(folder) ?? []) await runGuarded({ ...preparation, folder })
  const launchOn = (port: number) => launch(plan, port, folder)
  const server = handleOf(await startOn(freePort, launchOn), folder, launchOn)
  onFailure.move()
  return server
}

async function launch(plan: ServerPlan, port: number, folder: string): Promise<GuardedProcess> {
  const server = await spawnGuarded({ ...plan.command(port, folder), folder })
  try {
    await waitFor(`"${plan.ready.source}" in its output`, () => isReady(plan, server), 30_000)
    return server
  } catch (cause) {
    await server.stop()
    throw new Error(`${plan.name} did not start on port ${port}. Its last lines:\n${lastLines(server)}`, { cause })
  }
}

function isReady(plan: ServerPlan, server: GuardedProcess): boolean {
  if (server.hasEnded()) throw new Error('It ended.')
  return plan.ready.test(server.output())
}

function lastLines(server: GuardedProcess): string {
  return server.output().trimEnd().split('\n').slice(-20).join('\n')
}

function handleOf(
  { port, started }: OnPort<GuardedProcess>,
  folder: string,
  launchOn: (port: number) => Promise<GuardedProcess>,
): ServerProcess {
  let server = started
  return {
    port,
    folder,
    start: async () => {
      server = (await startOn(async () => port, launchOn)).started
    },
    stop: (signal) => server.stop(signal),
    lastLines: () => lastLines(server),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      // Its guardian has done that, unless the server had been stopped before.
      await rm(folder, { recursive: true, force: true })
    },
  }
}
