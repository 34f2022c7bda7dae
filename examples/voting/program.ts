import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { readPatienceMs } from './settings.ts'
import { NotThereYet, StartFailed } from './start-failed.ts'

/** Something that runs, and has something to say when it does. */
export type Running = AsyncDisposable & { readonly greeting: string }

/** Runs a program until SIGTERM or Ctrl+C. What keeps it from starting is told in a sentence, and its exit code is 1. */
export async function runProgram(start: () => Promise<Running>): Promise<void> {
  try {
    await using running = await startInTime(start, readPatienceMs())
    console.log(running.greeting)
    await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')])
  } catch (error) {
    if (!(error instanceof StartFailed)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

const PAUSE_MS = 250

/** Who is started together with its Redis and its PostgreSQL is often the first: it tries again, and says so once. */
async function startInTime(start: () => Promise<Running>, patienceMs: number): Promise<Running> {
  const until = performance.now() + patienceMs
  for (let told = ''; ; await wait(PAUSE_MS))
    try {
      return await start()
    } catch (error) {
      if (!(error instanceof NotThereYet) || performance.now() >= until) throw error
      if (told !== error.message)
        console.error(`${error.message} This program waits ${patienceMs / 1000} seconds for it.`)
      told = error.message
    }
}
