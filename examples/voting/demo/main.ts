import { StartFailed } from '../start-failed.ts'
import { readArguments, WrongUsage } from './arguments.ts'
import { createScreen } from './screen.ts'
import { Stopped } from './stopping.ts'
import { STORY } from './story.ts'
import { tell } from './tell.ts'

const screen = createScreen()

// What still waits somewhere must not hold the process.
process.exit(await main(process.argv.slice(2)))

/** Tells the story, or the steps of it that are named; answers the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const { list, steps } = readArguments(args, STORY)
    if (!list) return await tell(steps, screen)
    for (const { number, step } of STORY) screen.say(`${number}  ${step.name.padEnd(12)}  ${step.title}`)
    return 0
  } catch (error) {
    if (!(error instanceof StartFailed || error instanceof WrongUsage || error instanceof Stopped)) throw error
    console.error(error.message)
    if (error instanceof Stopped) return error.exitCode
    return error instanceof WrongUsage ? 2 : 1
  }
}
