import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'

/** How a program ended: its exit code (null when a signal ended it), and what it printed, without colours. */
export type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

type Surroundings = { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number }

/** Runs a program to its end, whatever its exit code is; `env` stands beside ours. */
export async function outcomeOf(
  command: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 15_000 }: Surroundings = {},
): Promise<Outcome> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
  })
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) }
}
