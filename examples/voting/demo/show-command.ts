import { NotShown } from './play.ts'
import type { Outcome } from './run-command.ts'
import type { Screen } from './screen.ts'

/** A command of a step, and what it must come to. */
export type Shown = {
  readonly folder: string
  /** As a person would type it. */
  readonly typed: string
  readonly run: () => Promise<Outcome>
  readonly ends: number
  /** What must stand in its output. */
  readonly says: readonly string[]
  /** The lines of the output that are shown; all of them unless it is given. */
  readonly excerpt?: (output: string) => string
}

/** Shows a command with its output. Throws NotShown when it ends otherwise than it must, or does not say what it must. */
export async function showCommand(screen: Screen, { folder, typed, run, ends, says, excerpt }: Shown): Promise<string> {
  screen.command(folder, typed)
  const { code, output } = await screen.during(typed, run())
  screen.output(excerpt?.(output) ?? output, says)
  if (code !== ends) throw new NotShown(`"${typed}" ended with ${code}, and not with ${ends}.`)
  const missing = says.find((text) => !output.includes(text))
  if (missing !== undefined) throw new NotShown(`"${typed}" did not say "${missing}".`)
  return output
}
