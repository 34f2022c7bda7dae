import { type Command, CommanderError } from 'commander'
import { Refused } from './refused.ts'
import { printable } from './table.ts'

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
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.yes
    if (argv.includes('--json')) console.log(JSON.stringify(asJson(error)))
    // Commander has printed its errors, with the usage, before it throws them.
    if (!(error instanceof CommanderError)) console.error(tell(error))
    return exitOf(error)
  }
}

/** What the registry's own parts refuse, and who called has to mend: a setting, a file or a folder that was named. */
const CALLERS: ReadonlySet<string> = new Set([
  'setting.invalid',
  'store.not-a-folder',
  'export.no-database',
  'export.not-writable',
  'import.not-empty',
  'import.refused',
  'token.refused',
  'token.unknown',
])

function exitOf(error: unknown): number {
  if (error instanceof Refused) return EXIT[error.exit]
  const isCallers = error instanceof CommanderError || CALLERS.has(codeOf(error) ?? '')
  return isCallers ? EXIT.wrongUsage : EXIT.failed
}

function asJson(error: unknown): object {
  if (error instanceof Refused) return error.toJSON()
  if (error instanceof CommanderError)
    return {
      error: 'usage.wrong',
      message: error.message.replace(/^error: /, '').replace(/^\(.*\)$/, 'No command is named.'),
    }
  const message = error instanceof Error ? error.message : String(error)
  return { error: codeOf(error) ?? 'internal', message }
}

/** Errors with a code are foreseen, and their message says what to do; any other is a mistake of ours and keeps its stack. */
function tell(error: unknown): string {
  if (error instanceof Error && codeOf(error) !== undefined) return linesOf(error.message)
  const details = error instanceof Error ? error.stack : String(error)
  return `Concordat failed in a way that nobody foresaw; please report this:\n${details}`
}

/** Text from outside may stand in a message: nothing in it steers a terminal. */
function linesOf(message: string): string {
  return message
    .split('\n')
    .map((line) => printable(line, LONG))
    .join('\n')
}

const LONG = 10_000

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
