import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { concordat, type Ended } from './in-process.ts'

/** Runs `concordat` to its end, in a folder and with a text on stdin. */
export function concordatIn(cwd: string, args: readonly string[], input: string | Uint8Array = ''): Promise<Ended> {
  return concordat(args, { cwd, input })
}

/** A folder with some files in it; what is no text and no bytes is written as JSON. It goes when the test is over. */
export async function folderOf(files: { readonly [name: string]: unknown }): Promise<string> {
  const folder = await temporaryFolder()
  const written = Object.entries(files).map(([name, content]) =>
    writeFile(join(folder, name), isWritable(content) ? content : JSON.stringify(content)),
  )
  await Promise.all(written)
  return folder
}

function isWritable(content: unknown): content is string | Uint8Array {
  return typeof content === 'string' || content instanceof Uint8Array
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
