import type { Screen } from './screen.ts'
import type { Stage } from './stage.ts'

/** One step of the story. It is played alone as well, on a stage that has just been set up. */
export type Step = {
  readonly name: string
  readonly title: string
  /** What happens, and why it matters. */
  readonly tells: string
  /** Shows it, and answers what has come of it. Throws NotShown when something else happened. */
  readonly play: (stage: Stage, screen: Screen) => Promise<string>
}

/** A step did not show what it should; the message says what did not happen. */
export class NotShown extends Error {
  override readonly name = 'NotShown'
}

/** A step, and its number in the story. */
export type Numbered = { readonly number: number; readonly step: Step }

type Playing = {
  readonly stage: Stage
  readonly screen: Screen
  readonly signal: AbortSignal
  /** Waits before each step but the first; answers whether to go on. */
  readonly goOn: (next: Numbered) => Promise<boolean>
}

/** Plays steps one after the other; answers the names of those that did not show what they should. */
export async function play(steps: readonly Numbered[], playing: Playing): Promise<string[]> {
  const missed: string[] = []
  for (const [i, numbered] of steps.entries()) {
    if (i > 0 && !(await playing.goOn(numbered))) break
    if (!(await playOne(numbered, playing))) missed.push(numbered.step.name)
  }
  return missed
}

/** Says in the end which steps did not show what they should; answers the exit code. */
export function conclude(missed: readonly string[], screen: Screen): number {
  const isShown = missed.length === 0
  screen.say()
  screen.say(isShown ? 'Each step showed what it should.' : `What it should was not shown by: ${missed.join(', ')}.`)
  return isShown ? 0 : 1
}

async function playOne({ number, step }: Numbered, { stage, screen, signal }: Playing): Promise<boolean> {
  screen.heading(number, step.title, step.tells)
  try {
    screen.ends(true, await step.play(stage, screen))
    return true
  } catch (error) {
    // What fails because the demo was stopped has shown nothing.
    signal.throwIfAborted()
    screen.ends(false, error instanceof Error ? error.message : String(error))
    return false
  }
}
