import type { JsonObject } from '../../contracts/index.ts'
import type { StoreMetrics } from '../operations/metrics.ts'
import type {
  AnswerWrites,
  AuditEntry,
  AuditReads,
  AuditRow,
  AuditWrites,
  CredentialReads,
  CredentialWrites,
} from './access.ts'
import type {
  Deployment,
  EnvironmentEntry,
  EnvironmentReads,
  EnvironmentWrites,
  Override,
  Reservation,
  VerdictReads,
  VerdictWrites,
} from './environments.ts'
import type {
  BranchEntry,
  ChannelReads,
  ServiceEntry,
  ServiceReads,
  ServiceVersion,
  ServiceWrites,
  StoredContract,
} from './services.ts'

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
  /** The fingerprint of the schema's canonical form, references resolved, which other texts may share. */
  readonly fingerprint: string
}

export type StoredSchema = Omit<SchemaContent, 'identity'> & { readonly id: number }
export type VersionKey = { readonly subject: string; readonly version: number }
export type SubjectVersion = StoredSchema & VersionKey & { readonly deleted: boolean }

/** Versions that are there, versions that have been deleted softly, or both. */
export type Which = 'live' | 'deleted' | 'any'

/** What a subject's owner has set; what is absent is not set. */
export type Settings = { readonly config?: JsonObject; readonly mode?: string }

/** All of a subject that registering depends on, beside its versions. */
export type SubjectState = {
  /** Changes with the subject's versions and settings and with the global settings: while it is the same, so are they. */
  readonly revision: number
  /** The highest number that a version of the subject has had, 0 where there was none. */
  readonly lastVersion: number
  readonly own: Settings
  readonly global: Settings
}

/** A subject as it is at one moment: its state and its latest live version. */
export type SubjectHead = { readonly state: SubjectState; readonly latest?: SubjectVersion }

/** A part of a long list: what follows `after` in the list's order, `limit` entries at most. */
export type Page<Key> = { readonly after?: Key | undefined; readonly limit: number }
export type SubjectFilter = { readonly prefix: string; readonly which: Which }
export type VersionFilter = SubjectFilter & { readonly latestOnly: boolean }

/** Finding schemas by what they are. What is not there is `undefined` or an empty list, never an error. */
export interface SchemaReads {
  byId(id: number): Promise<StoredSchema | undefined>
  byGuid(guid: string): Promise<StoredSchema | undefined>
  /** Schemas by their ids, ascending. */
  list(page: Page<number>): Promise<(SchemaContent & { readonly id: number })[]>
  /** Those of these schemas that are there. */
  byIds(ids: readonly number[]): Promise<StoredSchema[]>
  /** The versions that a schema is, by subject and number. */
  uses(id: number, which: Which): Promise<VersionKey[]>
  /** The highest id given so far, 0 where there is none. */
  maxId(): Promise<number>
  /** Changes whenever schemas are taken away for good: until then, whoever has read a schema may go on using it. */
  removals(): Promise<number>
}

/** Keeping schemas that are not, or not only, the versions of a subject. */
export interface SchemaWrites extends SchemaReads {
  /** The ids of these contents, which are kept where they are not there yet. What a contract has is never taken away. */
  keepAll(contents: readonly SchemaContent[]): Promise<number[]>
}

/** Finding the versions of subjects. What is not there is `undefined` or an empty list, never an error. */
export interface SubjectReads {
  state(subject: string): Promise<SubjectState>
  head(subject: string): Promise<SubjectHead>
  version(subject: string, version: number | 'latest', which: Which): Promise<SubjectVersion | undefined>
  /** The version with this very content; the latest, should there be several. */
  find(subject: string, identity: string, which: Which): Promise<SubjectVersion | undefined>
  /** The numbers of a subject's versions, ascending. A subject is there exactly when it has one. */
  versions(subject: string, which: Which): Promise<{ readonly version: number; readonly deleted: boolean }[]>
  /** A subject's live versions with their schemas, the latest first. */
  history(subject: string, page: Page<number>): Promise<SubjectVersion[]>
  /**
   * The names that begin with a prefix, in the order of their UTF-8 bytes. `deleted` are the subjects all of whose versions
   * are deleted.
   */
  names(filter: SubjectFilter, page: Page<string>): Promise<string[]>
  /** Versions of all subjects that begin with a prefix, by subject and number. */
  entries(filter: VersionFilter, page: Page<VersionKey>): Promise<VersionEntry[]>
  /** All that has settings or versions, by name. */
  all(page: Page<string>): Promise<SubjectEntry[]>
  /** Who refers to a version: the schemas, and the subjects that have them among their versions. */
  referrers(to: VersionKey, which: Which): Promise<{ readonly id: number; readonly subject: string }[]>
}

export type AppendRequest = {
  readonly subject: string
  readonly content: SchemaContent
  readonly revision: number
  /** The row that the registration leaves when it is carried out. */
  readonly audit?: AuditEntry | undefined
}
export type Appended = { readonly id: number; readonly version: number }

/** Changing subjects. A subject whose name is empty stands for the global settings and never has versions. */
export interface SubjectWrites extends SubjectReads {
  /**
   * Makes a schema the subject's next version: under the id that its content has, or else the next. Ids and versions begin
   * at 1 and have no gaps. Answers undefined, and changes nothing, when the subject's revision is no longer the one given.
   */
  append(subject: string, content: SchemaContent, revision: number): Promise<Appended | undefined>
  /** The same for many, one after the other, and much cheaper than one by one. */
  appendAll(requests: readonly AppendRequest[]): Promise<(Appended | undefined)[]>
  /** Deletes versions softly: they keep their numbers and can still be read. */
  hide(subject: string, versions: readonly number[]): Promise<void>
  /** Takes versions away for good; with the last of them goes all that was set for the subject. */
  remove(subject: string, versions: readonly number[]): Promise<void>
  configure(subject: string, settings: Settings): Promise<void>
}

/** A part of a store's contents as `concordat export` writes it, numbers included. */
export type StoreRecord = SubjectRecord | ServiceRecord | AuditRecord

export type AuditRecord = { readonly kind: 'audit'; readonly row: AuditRow }

export type SubjectRecord =
  | { readonly kind: 'schema'; readonly schema: SchemaContent & { readonly id: number } }
  | { readonly kind: 'version'; readonly version: VersionEntry }
  | { readonly kind: 'subject'; readonly subject: SubjectEntry }
  | { readonly kind: 'counters'; readonly maxId: number }

export type ServiceRecord =
  | { readonly kind: 'service'; readonly service: ServiceEntry }
  | { readonly kind: 'service-version'; readonly version: ServiceVersion }
  | { readonly kind: 'branch'; readonly branch: BranchEntry }
  | { readonly kind: 'contract'; readonly contract: StoredContract }
  | { readonly kind: 'environment'; readonly environment: EnvironmentEntry }
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | { readonly kind: 'reservation'; readonly reservation: Omit<Reservation, 'isExpired'> }
  | { readonly kind: 'override'; readonly override: Omit<Override, 'isExpired'> }
  | { readonly kind: 'position'; readonly position: number }

/** What a list of versions holds of each. */
export type VersionEntry = VersionKey & { readonly id: number; readonly deleted: boolean }
/** What is kept of a subject beside its versions; the global settings have the empty name. */
export type SubjectEntry = Settings & { readonly name: string; readonly lastVersion: number }

/** What a write may touch: the store as of the write before it, and its own changes. */
export interface Transaction {
  readonly schemas: SchemaWrites
  readonly subjects: SubjectWrites
  readonly services: ServiceWrites
  readonly channels: ChannelReads
  readonly environments: EnvironmentWrites
  readonly verdicts: VerdictWrites
  readonly credentials: CredentialWrites
  readonly audit: AuditWrites
  readonly answers: AnswerWrites
  /** Puts in what another store held, as it is. A subject comes after its versions, and a version after its schema. */
  restore(record: StoreRecord): Promise<void>
}

export type Reads = {
  readonly schemas: SchemaReads
  readonly subjects: SubjectReads
  readonly services: ServiceReads
  readonly channels: ChannelReads
  readonly environments: EnvironmentReads
  readonly verdicts: VerdictReads
  readonly credentials: CredentialReads
  readonly audit: AuditReads
}

/**
 * What the registry keeps, in narrow groups. Its promises hold however many processes share the data:
 *
 * - Reading sees what has been written, by whomever, and nothing that is half written.
 * - `write` runs its work as if alone: nothing that the work has read changes before its end. Either all of the
 *   work's changes happen or, when it throws, none; its error reaches the caller.
 * - When `write` has resolved, the changes are on disk. Several writes may share one commit.
 * - The work awaits the transaction and nothing else, has no other effects, may be run again when the writes beside it
 *   failed, and does not use the transaction afterwards.
 * - Ids and versions come from the order of writes, never from a clock.
 * - `store.busy` and `store.closed` mean that nothing was written. After `store.unavailable` it may have been, when the
 *   connection broke during the commit. Trying again later is safe.
 */
export interface Store extends Reads, AsyncDisposable {
  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** `append` in a write that is shared with whoever appends at the same time. */
  append(request: AppendRequest): Promise<Appended | undefined>
  /** Reads everything as of one moment, whatever is written meanwhile. */
  snapshot<T>(work: (reads: Reads) => Promise<T>): Promise<T>
  /** Resolves when the store can answer, and rejects with the reason when it cannot. */
  check(): Promise<void>
  /** Tells of its connections from now on. */
  observe(metrics: StoreMetrics): void
  /** Lets the writes under way end and refuses all that comes later. Closing twice is fine. */
  close(): Promise<void>
}
