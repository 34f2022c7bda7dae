import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A program and what its environment needs beyond ours. */
export type Program = { readonly command: string; readonly env: Readonly<Record<string, string>> }

const execute = promisify(execFile)

/** Its standard output; throws with its standard error when it fails. */
export async function run({ command, env }: Program, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await execute(command, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** Whether it is there and can be run: it may be missing, for another machine, or lack a library. */
export async function works(program: Program): Promise<boolean> {
  try {
    await run(program, ['--version'])
    return true
  } catch {
    return false
  }
}
