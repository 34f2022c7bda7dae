import { type Command, CommanderError } from 'commander'
import { Refused } from './refused.ts'

/** What the process's exit code says. */
export const EXIT = {
  yes: 0,
  failed: 1,
  wrongUsage: 2,
  /** The command did its work, and the answer is no. */
  no: 3,
} as const

/** Runs the command line, tells what went wrong on stderr, and answers the exit code. */
export async function run(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(argv)
    return Number(process.exitCode ?? EXIT.yes)
  } catch (error) {
    // Commander has printed its errors, with the usage, before it throws them.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.wrongUsage
    if (error instanceof Refused && argv.includes('--json')) console.log(JSON.stringify(error))
    console.error(tell(error))
    return error instanceof Refused ? EXIT[error.exit] : EXIT.failed
  }
}

/** Errors with a code are foreseen, and their message says what to do; any other is a mistake of ours and keeps its stack. */
function tell(error: unknown): string {
  if (error instanceof Error && 'code' in error) return error.message
  const details = error instanceof Error ? error.stack : String(error)
  return `Concordat failed in a way that nobody foresaw; please report this:\n${details}`
}
