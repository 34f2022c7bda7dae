import { readFileSync, statSync } from 'node:fs'

/** What a small file holds, or why it cannot be read. A folder, a pipe or a device is not read at all: it may never end. */
export function readSmallFile(
  file: string,
  mostBytes: number,
): { readonly bytes: Buffer } | { readonly problem: string } {
  try {
    const stats = statSync(file)
    if (!stats.isFile()) return { problem: 'it is no file' }
    if (stats.size > mostBytes) return { problem: `it has more than ${mostBytes} bytes` }
    return { bytes: readFileSync(file) }
  } catch (error) {
    return { problem: error instanceof Error && 'code' in error ? String(error.code) : String(error) }
  }
}
