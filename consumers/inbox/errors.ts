import { Unavailable } from '../unavailable.ts'

/** The tables of the inbox are not in the database. Nothing took effect, and nothing was acknowledged or parked. */
export class InboxMissing extends Unavailable {
  override readonly name = 'InboxMissing'
  override readonly code = 'inbox.missing'

  constructor(table: string, cause?: unknown) {
    super(
      `There is no inbox '${table}' in this database: make it once with prepareInbox(client), or run the text of inboxTables() in a migration. Until then nothing is handled, acknowledged or parked.`,
      { cause },
    )
  }
}

/** A later release has made the inbox in a form that this one cannot work with. */
export class InboxNewer extends Unavailable {
  override readonly name = 'InboxNewer'
  override readonly code = 'inbox.newer'

  constructor(table: string, form: number, known: number) {
    super(`The inbox '${table}' has form ${form}, and this release knows form ${known} at most; update it.`)
  }
}

/** The database was away, or had no time for this transaction. Whether a commit that was under way has happened, the inbox knows. */
export class DatabaseAway extends Unavailable {
  override readonly name = 'DatabaseAway'
  override readonly code = 'inbox.database-away'

  constructor(cause: unknown) {
    super(
      `The database did not carry out the transaction (${cause instanceof Error ? cause.message : String(cause)}); it is tried again, and nothing takes effect twice.`,
      { cause },
    )
  }
}

/** A handler was not done in time. Its transaction was rolled back, and what it does with it afterwards is refused. */
export class HandlerLate extends Error {
  override readonly name = 'HandlerLate'
  readonly code = 'inbox.handler-late'

  constructor(messages: number, timeoutMs: number) {
    super(
      `The handler of ${messages} messages was not done within ${timeoutMs} ms: its transaction is rolled back, and takes no more statements.`,
    )
  }
}

/** A statement for a transaction that is over, or one that would end it. */
export class TransactionOver extends Error {
  override readonly name = 'TransactionOver'
  readonly code = 'inbox.transaction-over'
}
