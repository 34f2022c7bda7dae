import { type Desk, failed } from './desk.ts'
import { createTicket } from './ticket.ts'

export type Batch = {
  readonly token: string
  readonly chunks: readonly Chunk[]
  /** Nobody can have sent it before by this token. */
  readonly isFirst: boolean
}

/** What is written in one step, under a token of its own. */
export type Chunk = { readonly token: string; readonly entries: readonly (readonly string[])[] }

/** A script that runs long lets everybody else wait, so that a chunk has no more text than this. */
const MAX_CHARACTERS = 1_000_000

/** Writes a batch in its order, one chunk after the other, and stops at the first that fails. */
export function sendByToken(desk: Desk, batch: Batch, signal?: AbortSignal): Promise<readonly string[]> {
  const { channel, line } = desk
  const { token, chunks, isFirst } = batch
  const size = chunks.reduce((sum, { entries }) => sum + entries.length, 0)
  const written: string[] = []
  const deadline = desk.deadline()
  let isUntouched = isFirst
  const fail = (error: Error) => failed(channel, { error, isUntouched }, { token, written })
  const ticket = createTicket<readonly string[]>(signal, (reason) => {
    admission.cancel()
    return fail(reason)
  })
  const run = async (): Promise<void> => {
    for (const chunk of chunks) {
      if (ticket.isOver()) return
      const before = isUntouched
      isUntouched = false
      const delivered = await desk.write(chunk.token, chunk.entries, deadline)
      for (const id of delivered.ids) written.push(id)
      if (delivered.error === undefined) continue
      isUntouched = before && delivered.isUntouched === true
      return ticket.reject(fail(delivered.error))
    }
    ticket.resolve(written)
  }
  const admission = line.admit(size, () => line.add({ size: () => size, run }))
  return ticket.promise
}

/** The same entries always make the same chunks, so that a repeat finds each under its token. */
export function chunksOf(token: string, entries: Chunk['entries'], maxBatch: number): Chunk[] {
  const chunks: { token: string; entries: (readonly string[])[] }[] = []
  let characters = 0
  for (const entry of entries) {
    const length = lengthOf(entry)
    const last = chunks.at(-1)
    characters += length
    if (last && last.entries.length < maxBatch && characters <= MAX_CHARACTERS) last.entries.push(entry)
    else {
      chunks.push({ token: `${token}:${chunks.length}`, entries: [entry] })
      characters = length
    }
  }
  return chunks
}

function lengthOf(entry: readonly string[]): number {
  let length = 0
  for (const text of entry) length += text.length
  return length
}
