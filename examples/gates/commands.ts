import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { commandEnvironment } from './settings.ts'

/** One command as somebody types it, in the folder of one version of a service. */
export type Step = {
  readonly folder: string
  readonly command: string
  /** The exit code that it must end with: 0 for yes, 3 for no. */
  readonly ends: 0 | 3
}

/** In a project that has installed Concordat this is `npx concordat`. */
const CLI = join(import.meta.dirname, '../../cli/main.ts')

/** Runs a step against the registry at a URL, prints what it says, and throws when it ends otherwise than it must. */
export async function runStep(url: string, { folder, command, ends }: Step): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, CLI, ...command.split(' ')], {
    cwd: join(import.meta.dirname, folder),
    env: commandEnvironment(url),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  console.log(`${folder} $ concordat ${command}\n${indent(said + complained)}\n`)
  if (child.exitCode !== ends)
    throw new Error(`concordat ${command} in ${folder} ended with ${child.exitCode}, and not with ${ends}.`)
}

function indent(output: string): string {
  return output.trimEnd().replaceAll(/^(?=.)/gm, '    ')
}
