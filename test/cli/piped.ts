import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { temporaryFolder } from '../support/temporary-folder.ts'
import type { Ended } from './concordat-process.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

/** Runs `concordat` to its end, in a folder and with a text on stdin. */
export async function concordatIn(
  cwd: string,
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<Ended> {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { PATH } })
  // a command that does not read its stdin may end before all of it is written
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** A folder with some files in it; what is no text is written as JSON. It goes when the test is over. */
export async function folderOf(files: { readonly [name: string]: unknown }): Promise<string> {
  const folder = await temporaryFolder()
  const written = Object.entries(files).map(([name, content]) =>
    writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content)),
  )
  await Promise.all(written)
  return folder
}

/** The votes of the story, as JSON Schema. */
export const VOTES = {
  type: 'object',
  properties: {
    option: { enum: ['cats', 'dogs'] },
    weight: { type: 'integer', minimum: 1, maximum: 5 },
  },
  required: ['option'],
  additionalProperties: false,
} as const

/** The same with other words for the option, and more weight. */
export const VOTES_RENAMED = {
  ...VOTES,
  properties: { vote: VOTES.properties.option, weight: { ...VOTES.properties.weight, maximum: 9 } },
  required: ['vote'],
} as const
