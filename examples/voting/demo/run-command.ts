import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/** A program of Node, and where it runs. */
export type Command = {
  readonly folder: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** How it ended, and all that it printed, in the order in which it came. */
export type Outcome = { readonly code: number | null; readonly output: string }

const TIMEOUT_MS = 60_000

/** Runs a program to its end, on this very Node. */
export async function runCommand({ folder, args, env, signal }: Command): Promise<Outcome> {
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    cwd: folder,
    env,
    signal,
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { code, output: stripVTControlCharacters(output) }
}
