/** One lane of one channel: its batches follow each other. */
export type Lane = { readonly channel: string; readonly lane: number }

/** A lane with rows in it. */
export type WaitingLane = Lane & {
  /** Whether another relay works on it. */
  readonly isFree: boolean
  /** For how long its first row has been there, by the database's clock. */
  readonly oldestMs: number
}

/** Rows that are published together. Whoever takes the lane finds the same batch until it is settled. */
export type Batch = Lane & {
  /** Each batch of a lane has a higher number than those before it. */
  readonly number: number
  /** Tells it from a batch of the same number in a copy of the database. */
  readonly nonce: string
  readonly size: number
  /** The rows' ids, as the database wrote them. */
  readonly ids: string
  /** JSON: a list of entries, each a flat list of fields. */
  readonly entries: string
}

export type Settled = { readonly next: Batch | undefined }

/**
 * What a relay asks of the database that holds an outbox. A batch is written down before it is published, and its rows
 * are deleted afterwards. A lane is lent for a while, so that relays do not do the same work; nothing goes wrong when two
 * have the same, for only one of them can settle a batch.
 */
export type OutboxStore = {
  /** Under which Redis knows this outbox. Throws where the tables are missing or too new. */
  readonly name: () => Promise<string>
  readonly listLanes: () => Promise<readonly WaitingLane[]>
  /** Takes a free lane: its unsettled batch, or its next one. Undefined when another has it, or nothing is there. */
  readonly take: (lane: Lane) => Promise<Batch | undefined>
  /** Deletes the batch's rows and takes the next one, if there is one. Undefined when another relay had settled it. */
  readonly settle: (batch: Batch) => Promise<Settled | undefined>
  /** Gives an unsettled batch a number above `number`; undefined when another relay settled it. */
  readonly renumber: (batch: Batch, number: number) => Promise<Batch | undefined>
  /** Lets others have the lane. */
  readonly release: (lane: Lane) => Promise<void>
}

export type StoreOptions = {
  readonly table?: string | undefined
  /** The relay, among those that work at the same time. */
  readonly holder: string
  readonly leaseMs: number
  readonly batchSize: number
  /** How long a statement may take. */
  readonly timeoutMs: number
}

/** A batch ends behind so many characters: a script that runs long lets everybody else wait. */
export const MAX_CHARACTERS = 1_000_000
