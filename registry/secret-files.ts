import { readSmallFile } from './small-file.ts'

/** What a secret in a file may have at most, in bytes. */
const MOST_BYTES = 64 * 1024

type Found = { readonly value?: string; readonly problem?: string }

/** A secret from the variable of its name, or from the file that `<name>_FILE` names, or why there is none. */
export function findSecret(env: NodeJS.ProcessEnv, name: string): Found {
  const [value, file] = [env[name], env[`${name}_FILE`]]
  if (!file) return value ? { value } : {}
  if (value) return { problem: `${name} and ${name}_FILE are both set: set one of them.` }
  const read = readText(file)
  return 'value' in read ? read : { problem: `${name}_FILE names "${file}", which cannot be read (${read.problem}).` }
}

function readText(file: string): { readonly value: string } | { readonly problem: string } {
  const read = readSmallFile(file, MOST_BYTES)
  if ('problem' in read) return read
  const text = decode(read.bytes)
  if (text === undefined) return { problem: 'it is no text in UTF-8' }
  // Editors and `echo` end a file with a line break that is not meant.
  const value = text.replace(/\r?\n$/, '')
  if (value === '') return { problem: 'it is empty' }
  return value.includes('\0') ? { problem: 'it is no text' } : { value }
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
