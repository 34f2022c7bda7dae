import { parseArgs } from 'node:util'
import type { Numbered } from './play.ts'

/** What the command line asks for: to list the steps, or to play some. */
export type Wanted = { readonly list: boolean; readonly steps: readonly Numbered[] }

/** The command line cannot be understood; the message says what can be said. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

/** Reads the command line. Steps are named by their number or their name; all of them are meant where none is. */
export function readArguments(args: readonly string[], story: readonly Numbered[]): Wanted {
  const { list, names } = parse(args, story)
  return { list, steps: names.length === 0 ? story : names.map((name) => stepNamed(name, story)) }
}

function parse(args: readonly string[], story: readonly Numbered[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
    return { list: values.list, names: positionals }
  } catch (cause) {
    throw new WrongUsage(`${args.join(' ')} is not understood. ${whatCanBeSaid(story)}`, { cause })
  }
}

const OPTIONS = { list: { type: 'boolean', default: false } } as const

function stepNamed(name: string, story: readonly Numbered[]): Numbered {
  const found = story.find(({ number, step }) => name === step.name || name === String(number))
  if (found !== undefined) return found
  throw new WrongUsage(`There is no step "${name}". ${whatCanBeSaid(story)}`)
}

function whatCanBeSaid(story: readonly Numbered[]): string {
  const names = story.map(({ number, step }) => `${number} (${step.name})`).join(', ')
  return `Say "npm run demo" for all steps, "npm run demo -- --list" to see them, or some of ${names}.`
}
