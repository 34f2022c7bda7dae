import type { LentClient, SqlPool } from '../../streams/index.ts'
import type { Delivery, Origin } from '../options.ts'
import { createCleaner } from './cleaner.ts'
import { HandlerLate } from './errors.ts'
import { guard } from './guard.ts'
import { boundsOf, type HandleBatch, type InboxOptions } from './handler.ts'
import { bucketsOf } from './ids.ts'
import { checkForm, commit, isTaken, look, type Memory } from './memory.ts'
import { tablesOf } from './tables.ts'
import { createTransactions, type Transaction } from './transactions.ts'
import { createTrust } from './trust.ts'

/** Handles a batch within a transaction: what it does with `tx` takes effect once, however often the batch comes. */
export type TransactionHandler<M, Tx> = (batch: readonly Delivery<M>[], tx: Tx) => Promise<void> | void

/**
 * Makes the `handleBatch` of a consumer whose effects lie in PostgreSQL. The handler's statements and the inbox are one
 * transaction: a message that is in the inbox is left out, and what is handled is acknowledged after the commit. A handler
 * that is late, or throws, has done nothing. Missing tables and a database that is away count against no message.
 */
export function inPostgres<M, Tx extends LentClient>(
  pool: SqlPool<Tx>,
  handle: TransactionHandler<M, Tx>,
  options: InboxOptions = {},
): HandleBatch<M> {
  const { keepMs, timeoutMs } = boundsOf(options)
  const memory: Memory = { tables: tablesOf(options.table), timeoutMs }
  const transactions = createTransactions(pool, memory)
  const cleaner = createCleaner(pool, { tables: memory.tables, keepMs })
  const trust = createTrust()

  let isChecked = false

  const leaveOut = async (batch: readonly Delivery<M>[], from: Origin, { client, begun }: Transaction<Tx>) => {
    if (isChecked && trust.applies(from.isRepeat)) return unseen(batch)
    await begun
    if (!isChecked) await checkForm(client, memory)
    isChecked = true
    return unseen(batch, await look(client, memory, from, idsOf(batch)))
  }
  const take = async (batch: readonly Delivery<M>[], from: Origin): Promise<void> => {
    const transaction = await transactions.open()
    try {
      const left = await leaveOut(batch, from, transaction)
      if (left.length === 0) return await transaction.end()
      const buckets = nextTurn(() => bucketsOf(from, idsOf(left)))
      await handleInTime(handle, { batch: left, transaction, timeoutMs })
      await commit(transaction.client, memory, await buckets)
    } catch (error) {
      throw await transaction.giveUp(error)
    }
    transaction.goOn()
  }

  return async (batch, from) => {
    for (let n = 0; ; n++) {
      try {
        await take(batch, from)
        break
      } catch (error) {
        // Some of it has taken effect before. With looking first, another consumer was quicker.
        if (n === 2 || !isTaken(error, memory.tables)) throw error
        trust.lose()
      }
    }
    cleaner.remind()
  }
}

/** While the database is at work on what the handler has sent. */
function nextTurn<T>(work: () => T): Promise<T> {
  const done = new Promise<T>((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(work())
      } catch (error) {
        reject(error)
      }
    })
  })
  // Whoever waits for it hears of its failure, unless the handler failed before.
  done.catch(() => undefined)
  return done
}

function idsOf(batch: readonly Delivery<unknown>[]): string[] {
  return batch.map(({ entry }) => entry.id)
}

/** What has not taken effect yet. Of a message that stands twice in the batch, the first. */
function unseen<M>(
  batch: readonly Delivery<M>[],
  isKnown: (id: string) => boolean = () => false,
): readonly Delivery<M>[] {
  const ids = new Set<string>()
  return batch.filter(({ entry: { id } }) => !ids.has(id) && ids.add(id) && !isKnown(id))
}

type Handling<M, Tx> = {
  readonly batch: readonly Delivery<M>[]
  readonly transaction: Transaction<Tx>
  readonly timeoutMs: number
}

async function handleInTime<M, Tx extends LentClient>(
  handle: TransactionHandler<M, Tx>,
  { batch, transaction: { client, begun }, timeoutMs }: Handling<M, Tx>,
): Promise<void> {
  const { tx, end } = guard(client, begun)
  const { promise: deadline, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new HandlerLate(batch.length, timeoutMs)), timeoutMs)
  try {
    await Promise.race([handle(batch, tx), deadline])
    await begun
  } finally {
    clearTimeout(timer)
    end()
  }
}
