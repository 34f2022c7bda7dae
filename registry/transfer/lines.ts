import { registryError } from '../errors.ts'

/** Bytes of one line at most: a file that has no lines must not fill the memory. The largest schema takes far less. */
const LINE_BYTES = 64 * 1024 * 1024
const NEWLINE = 10

/** The lines of a UTF-8 file, whose parts come one after another. */
export async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let line = 0
  let pending: Uint8Array[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      line += 1
      yield decode([...pending, chunk.subarray(start, end)], line)
      start = end + 1
      pending = []
      pendingBytes = 0
    }
    pending.push(chunk.subarray(start))
    pendingBytes += chunk.length - start
    if (pendingBytes > LINE_BYTES) throw refused(line + 1, `it is longer than ${LINE_BYTES} bytes`)
  }
  if (pendingBytes > 0) yield decode(pending, line + 1)
}

function decode(parts: readonly Uint8Array[], line: number): string {
  const [only = new Uint8Array()] = parts
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(parts.length === 1 ? only : Buffer.concat(parts))
  } catch (error) {
    throw refused(line, 'it is not UTF-8', error)
  }
}

function refused(line: number, reason: string, cause?: unknown): Error {
  return registryError('import.refused', { line, reason }, { cause })
}
