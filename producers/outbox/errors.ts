/** The tables of the outbox are not in the database. Nothing was written, and PostgreSQL has given the transaction up. */
export class OutboxMissing extends Error {
  override readonly name = 'OutboxMissing'
  readonly code = 'outbox.missing'

  constructor(table: string, cause: unknown) {
    super(
      `There is no outbox '${table}' in this database: make it once with prepareOutbox(client), or run the text of outboxTables() in a migration.`,
      { cause },
    )
  }
}

/** A later release has made the outbox in a form that this one cannot work with. */
export class OutboxNewer extends Error {
  override readonly name = 'OutboxNewer'
  readonly code = 'outbox.newer'

  constructor(table: string, form: number, known: number) {
    super(`The outbox '${table}' has form ${form}, and this release knows form ${known} at most; update it.`)
  }
}

/** The database has forgotten what it had published: it was restored, failed over without its latest commits, or copied. */
export class OutboxTurnedBack extends Error {
  override readonly name = 'OutboxTurnedBack'
  readonly code = 'outbox.turned-back'

  constructor(channel: string, { batch, seen }: { readonly batch: number; readonly seen: number }) {
    super(
      `The outbox is at batch ${batch} of ${channel}, and Redis has seen its batch ${seen}: the database was turned back, or is a copy. The relay goes on; what had been published before comes a second time, under the same _id.`,
    )
  }
}

/** Redis would not take a batch, or did not confirm it. It is tried again, and never written twice. */
export class NotPublished extends Error {
  override readonly name = 'NotPublished'
  readonly code = 'outbox.not-published'
  readonly channel: string
  readonly messages: number

  constructor({ channel, messages }: { readonly channel: string; readonly messages: number }, cause: Error) {
    super(
      `Redis has not confirmed ${messages} messages of the outbox for ${channel} (${cause.message}); they are tried again, and what follows them in their lane waits.`,
      { cause },
    )
    this.channel = channel
    this.messages = messages
  }
}
