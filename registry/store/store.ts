import type { JsonObject } from '../../contracts/index.ts'

export type SchemaReference = { readonly name: string; readonly subject: string; readonly version: number }

/** All that makes a schema what it is on the Schema Registry surface. It never changes. */
export type SchemaContent = {
  readonly type: 'JSON'
  /** The text as it was sent, or its canonical form where the client asked for that. */
  readonly text: string
  readonly references: readonly SchemaReference[]
  readonly metadata?: JsonObject
  readonly ruleSet?: JsonObject
  /** Equal for equal content, and for nothing else. */
  readonly identity: string
  readonly guid: string
  /** The fingerprint of the schema's canonical form, which other texts may share. */
  readonly fingerprint: string
}

export type StoredSchema = Omit<SchemaContent, 'identity'> & { readonly id: number }
export type SubjectVersion = StoredSchema & { readonly subject: string; readonly version: number }

/** Finding schemas and the versions of subjects. What is not there is `undefined` or an empty list, never an error. */
export interface SchemaReads {
  byId(id: number): Promise<StoredSchema | undefined>
  idOf(identity: string): Promise<number | undefined>
  version(subject: string, version: number | 'latest'): Promise<SubjectVersion | undefined>
  /** The version under which a subject has a schema; the latest, should it have several. */
  versionOf(subject: string, schemaId: number): Promise<number | undefined>
  /** A subject's versions, ascending. A subject is there exactly when it has one. */
  versions(subject: string): Promise<number[]>
  /** The names of all subjects, in the order of their UTF-8 bytes. */
  subjects(): Promise<string[]>
}

export interface SchemaWrites extends SchemaReads {
  /** Keeps a schema and answers its id: the one it has, or else the next. Ids begin at 1 and have no gaps. */
  keep(content: SchemaContent): Promise<number>
  /** Makes a schema the subject's next version and answers its number. Versions begin at 1 and have no gaps. */
  append(subject: string, schemaId: number): Promise<number>
}

/** What a write may touch: the store as of the write before it, and its own changes. */
export interface Transaction {
  readonly schemas: SchemaWrites
}

/**
 * What the registry keeps, in narrow groups. Its promises hold however many processes share the data:
 *
 * - Reading sees what has been written, by whomever, and nothing that is half written.
 * - `write` runs its work as if alone: nothing that the work has read changes before its end. Either all of the
 *   work's changes happen or, when it throws, none; its error reaches the caller.
 * - When `write` has resolved, the changes are on disk. Several writes may share one commit.
 * - The work awaits the transaction and nothing else, has no other effects, and does not use the transaction afterwards.
 * - Ids and versions come from the order of writes, never from a clock.
 * - `store.busy` and `store.closed` mean that nothing was written and that trying again later is safe.
 */
export interface Store extends AsyncDisposable {
  readonly schemas: SchemaReads
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Resolves when the store can answer, and rejects with the reason when it cannot. */
  check(): Promise<void>
  /** Lets the writes under way end and refuses all that comes later. Closing twice is fine. */
  close(): Promise<void>
}
