import { join } from 'node:path'
import { type GuardedProcess, spawnGuarded } from '../../../test/support/guarded-process.ts'
import { waitFor } from '../../../test/support/wait-for.ts'
import { StartFailed } from '../start-failed.ts'

/** The program of the tally, or the one whose developer reads `vote`. */
export type TallyProgram = 'tally' | 'mistake'

/** The tally that runs at present, as a process. */
export type TallyProcess = AsyncDisposable & {
  /** Ends the one that runs, and starts a program in its place. */
  readonly deploy: (program: TallyProgram) => Promise<void>
  /** What the one that runs has printed. */
  readonly output: () => string
  /** Where it answers for its health. */
  readonly healthUrl: () => string
}

type Surroundings = { readonly folder: string; readonly env: Readonly<Record<string, string>> }

const START_MS = 60_000

/** Starts the tally. It never outlives this process, and neither does its folder. */
export async function startTallyProcess(surroundings: Surroundings): Promise<TallyProcess> {
  let running = await start('tally', surroundings)
  return {
    deploy: async (program) => {
      await running.process.stop()
      running = await start(program, surroundings)
    },
    output: () => running.process.output(),
    healthUrl: () => running.healthUrl,
    [Symbol.asyncDispose]: () => running.process[Symbol.asyncDispose](),
  }
}

type Running = { readonly process: GuardedProcess; readonly healthUrl: string }

async function start(program: TallyProgram, { folder, env }: Surroundings): Promise<Running> {
  const main = join(import.meta.dirname, '..', program, 'main.ts')
  const tally = await spawnGuarded({ command: process.execPath, args: [...process.execArgv, main], folder, env })
  const [, healthUrl = ''] = await waitFor('the tally', () => greetingOf(tally), START_MS)
  return { process: tally, healthUrl }
}

function greetingOf(tally: GuardedProcess): RegExpExecArray | null {
  if (tally.hasEnded()) throw new StartFailed(`The tally did not start:\n${tally.output()}`)
  return /health on (http:\S+)\./.exec(tally.output())
}
