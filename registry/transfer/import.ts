import { setImmediate as nextTurn } from 'node:timers/promises'
import { registryError } from '../errors.ts'
import type { Reads, Store } from '../store/store.ts'
import type { Progress } from './export.ts'
import type { TransferCounts } from './form.ts'
import { type ReadRecord, readRecords } from './read.ts'

/** A write of many records takes one commit; a write of large ones is small. */
const RECORDS_PER_WRITE = 500
const CHARACTERS_PER_WRITE = 8_000_000

/**
 * Puts an export into an empty store, numbers included. `open` is called twice: all lines are checked before the first is
 * written, so a broken file changes nothing. The writes that follow are several, since the work of a write must not wait
 * for a file: when one fails, a part is left there, and `import.incomplete` says so. Nobody else may write meanwhile.
 */
export async function importRecords(
  store: Store,
  open: () => AsyncIterable<string>,
  onProgress: Progress = () => {},
): Promise<TransferCounts> {
  await refuseUnlessEmpty(store)
  const wanted = await checkAll(open())
  let written: TransferCounts | undefined
  try {
    for await (const batch of batchesOf(readRecords(open()))) {
      await writeBatch(store, batch, written === undefined)
      written = batch.at(-1)?.counts ?? written
      onProgress(written ?? wanted)
    }
  } catch (error) {
    if (written === undefined) throw error
    throw registryError('import.incomplete', { written, wanted, reason: wordsOf(error) }, { cause: error })
  }
  return wanted
}

async function refuseUnlessEmpty({ schemas, subjects, services, environments }: Reads): Promise<void> {
  const first = { limit: 1 }
  const entries = [await subjects.all(first), await services.list(first), await environments.list(first)]
  if ((await schemas.maxId()) > 0 || entries.flat().length > 0) throw registryError('import.not-empty', undefined)
}

async function checkAll(lines: AsyncIterable<string>): Promise<TransferCounts> {
  let checked: TransferCounts = { schemas: 0, versions: 0, subjects: 0 }
  for await (const { counts } of readRecords(lines)) checked = counts
  return checked
}

async function* batchesOf(records: AsyncIterable<ReadRecord>): AsyncGenerator<ReadRecord[]> {
  let batch: ReadRecord[] = []
  let characters = 0
  for await (const read of records) {
    batch.push(read)
    characters += read.length
    if (batch.length < RECORDS_PER_WRITE && characters < CHARACTERS_PER_WRITE) continue
    yield batch
    batch = []
    characters = 0
  }
  if (batch.length > 0) yield batch
}

async function writeBatch(store: Store, batch: readonly ReadRecord[], isFirst: boolean): Promise<void> {
  await store.write(async (transaction) => {
    // Somebody may have been quicker since the store was found empty.
    if (isFirst) await refuseUnlessEmpty(transaction)
    for (const { record } of batch) await transaction.restore(record)
  })
  await nextTurn()
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/[.]$/, '')
}
