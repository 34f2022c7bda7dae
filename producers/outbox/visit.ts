import { asError } from '../ticket.ts'
import { NotPublished, OutboxTurnedBack } from './errors.ts'
import { type Press, publish } from './publish.ts'
import type { Batch, Lane, OutboxStore } from './store.ts'

/** What was published and has left the outbox. */
export type PublishedBatch = { readonly channel: string; readonly messages: number }

export type Visiting = {
  readonly store: OutboxStore
  readonly press: Press
  readonly signal: AbortSignal
  readonly onPublished: (published: PublishedBatch) => void
  readonly onError: (error: Error) => void
}

/** After so many batches a lane goes behind the others, so that a full one holds up nobody. */
const BATCHES = 20

/** Takes a lane, if it is free, and publishes its batches one after the other. Rejects at the first that fails. */
export async function visit(visiting: Visiting, lane: Lane): Promise<void> {
  const { store, signal, onPublished } = visiting
  let batch = await store.take(lane)
  for (let n = 1; batch !== undefined; n++) {
    const printed = await print(visiting, batch)
    // Another relay has settled it meanwhile, and the lane is that one's.
    if (printed === undefined) return
    const settled = await store.settle(printed)
    if (settled === undefined) return
    onPublished({ channel: printed.channel, messages: printed.size })
    batch = settled.next
    if (batch !== undefined && (n >= BATCHES || signal.aborted)) return store.release(lane)
  }
}

/** Publishes a batch, if need be under a higher number, and returns it as it is then. */
async function print(visiting: Visiting, batch: Batch): Promise<Batch | undefined> {
  const { channel, number, size } = batch
  const { passedBy } = await publish(visiting.press, batch).catch((error) => {
    throw new NotPublished({ channel, messages: size }, asError(error))
  })
  if (passedBy === undefined) return batch
  const renumbered = await visiting.store.renumber(batch, passedBy)
  if (renumbered === undefined) return undefined
  visiting.onError(new OutboxTurnedBack(channel, { batch: number, seen: passedBy }))
  return print(visiting, renumbered)
}
