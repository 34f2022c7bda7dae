import { inTime, isTableMissing, type LentClient, type SqlPool } from '../../streams/index.ts'
import { DatabaseAway, HandlerLate, InboxMissing } from './errors.ts'
import { begin, type Memory, PATIENCE_MS } from './memory.ts'
import { isDatabasesFault, names } from './postgres-errors.ts'

/** A transaction on a client of its own. */
export type Transaction<Tx> = {
  readonly client: Tx
  /** Statements may be sent before this, since the client keeps their order. */
  readonly begun: Promise<void>
  /** It was committed, and the next one began on its client. */
  readonly goOn: () => void
  /** Rolls back, and says whose fault it was. */
  readonly giveUp: (error: unknown) => Promise<unknown>
  readonly end: () => Promise<void>
}

/**
 * Begins transactions. A commit brings the next beginning along, which saves a round trip where one batch follows the
 * other; where none comes at once, or others wait for the client, it is rolled back.
 */
export function createTransactions<Tx extends LentClient>(pool: SqlPool<Tx>, memory: Memory) {
  let spare: Transaction<Tx> | undefined

  const open = async (): Promise<Transaction<Tx>> => {
    if (spare) {
      const next = spare
      spare = undefined
      return next
    }
    const client = await connect(pool)
    const loan = lend(client, memory)
    return transactionOn(client, loan, begin(client, memory))
  }
  const transactionOn = (client: Tx, loan: Loan, begun: Promise<void>): Transaction<Tx> => {
    // Whoever waits for it hears of its failure.
    begun.catch(() => undefined)
    return { client, begun, ...loan, goOn: () => keep(transactionOn(client, loan, Promise.resolve())) }
  }
  const keep = (next: Transaction<Tx>): void => {
    if (spare || (pool.waitingCount ?? 0) > 0) return void next.end()
    spare = next
    setImmediate(() => {
      if (spare !== next) return
      spare = undefined
      void next.end()
    })
  }
  return { open }
}

async function connect<Tx extends LentClient>(pool: SqlPool<Tx>): Promise<Tx> {
  try {
    return await inTime(pool.connect(), PATIENCE_MS, (late) => late.release())
  } catch (error) {
    throw new DatabaseAway(error)
  }
}

type Loan = Pick<Transaction<unknown>, 'giveUp' | 'end'>

/** Gives the client back whole, or not at all. */
function lend(client: LentClient, { tables: { table } }: Memory): Loan {
  let lost: Error | undefined
  const onError = (error: Error) => void (lost ??= error)
  // Without a listener, the end of a lent connection would be the end of the process.
  client.on?.('error', onError)
  const release = (isWhole: boolean) => {
    // A broken one may have more to say.
    if (isWhole) client.removeListener?.('error', onError)
    client.release(!isWhole)
  }
  const rollBack = async (): Promise<boolean> => {
    try {
      await inTime(client.query('rollback'), PATIENCE_MS)
      return lost === undefined
    } catch {
      return false
    }
  }
  return {
    giveUp: async (error) => {
      // Its statement may run on: only the end of the connection ends it.
      const isWhole = !(error instanceof HandlerLate) && (await rollBack())
      release(isWhole)
      if (error instanceof HandlerLate) return error
      if (isTableMissing(error) && names(error, table)) return new InboxMissing(table, error)
      // A handler that was silent for so long has itself to blame.
      if (lost && 'code' in lost && lost.code === '25P03') return error
      return isDatabasesFault(error) || !isWhole ? new DatabaseAway(error) : error
    },
    end: async () => release(await rollBack()),
  }
}
