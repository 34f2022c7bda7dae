import type { Headers } from '../../contracts/index.ts'
import type { Page } from './store.ts'

/** How a service takes part in a place: the four verbs of a contract. */
export type Verb = 'writes' | 'reads' | 'serves' | 'calls'

export type ServiceEntry = {
  readonly name: string
  /** When it came, in the order of all that comes to the store. */
  readonly position: number
  readonly mainBranch?: string
}

/** Which version of which service. */
export type VersionName = { readonly service: string; readonly version: string }

export type ServiceVersion = VersionName & {
  readonly position: number
  readonly buildUrl?: string
  readonly createdAt: number
  /** When its contracts were published; until then nothing is known of them. */
  readonly publishedAt?: number
}

/** A version on a branch; the one with the highest position is the branch's head. */
export type BranchEntry = VersionName & { readonly branch: string; readonly position: number }

/** What a contract says, without whose it is. */
export type ContractTerms = {
  /** The stream, or the HTTP operation with its request and its responses: where services meet. */
  readonly place: string
  readonly verb: Verb
  /** Of an operation: `request`, or the status of a response; empty for a stream. */
  readonly part: string
  readonly schemaId: number
  readonly fingerprint: string
  readonly encoding: 'fields' | 'json' | 'http'
  /** The entry's field that holds the whole message, for the encoding `json`. */
  readonly field?: string
  readonly headers: Headers
  readonly guarded: boolean
  /** Somebody is on the other side whom the registry does not know. */
  readonly external: boolean
  /** For how long the stream retains messages. */
  readonly keepsMs?: number
  readonly subject?: string
  readonly subjectVersion?: number
  /** Where its author wrote it. */
  readonly origin?: string
}

export type StoredContract = VersionName & ContractTerms

/** Finding services and their versions. What is not there is `undefined` or an empty list, never an error. */
export interface ServiceReads {
  service(name: string): Promise<ServiceEntry | undefined>
  /** By name. */
  list(page: Page<string>): Promise<ServiceEntry[]>
  version(name: VersionName): Promise<ServiceVersion | undefined>
  /** The version that arrived last; with a branch, the one that came to that branch last. */
  latest(service: string, branch?: string): Promise<ServiceVersion | undefined>
  /** The version that arrived last, of each of these services. */
  latestOf(services: readonly string[]): Promise<ServiceVersion[]>
  /** The version that came to a branch last, of those that have published their contracts. */
  head(service: string, branch: string): Promise<ServiceVersion | undefined>
  /** The version that arrived last, of those that have published their contracts, of each of these services. */
  latestPublished(services: readonly string[]): Promise<ServiceVersion[]>
  /** A service's versions, the latest first; `after` is a position. */
  versions(service: string, page: Page<number>): Promise<ServiceVersion[]>
  /** The branches of these versions of one service. */
  branches(service: string, versions: readonly string[]): Promise<BranchEntry[]>
  /** A version's contracts, by place, verb and part. */
  contracts(name: VersionName): Promise<StoredContract[]>
  /** All versions, branches and contracts, by service and version, for an export. */
  allVersions(page: Page<VersionName>): Promise<ServiceVersion[]>
  allBranches(page: Page<BranchEntry>): Promise<BranchEntry[]>
  allContracts(page: Page<StoredContract>): Promise<StoredContract[]>
}

/** Changing services. Versions are appended; their contracts are published once. */
export interface ServiceWrites extends ServiceReads {
  /** Makes a service, or changes its main branch; undefined leaves that as it is, and null takes it away. */
  putService(name: string, mainBranch?: string | null): Promise<ServiceEntry>
  /** Makes a version, or sets its build URL where one is given. Its service is there. */
  putVersion(name: VersionName, buildUrl?: string): Promise<ServiceVersion>
  /** Makes the version the branch's head, unless it is on the branch already. */
  putBranch(name: VersionName, branch: string): Promise<void>
  /** Takes a service away, with all that is recorded of it. */
  remove(name: string): Promise<void>
  /** Gives a version its contracts, whose schemas are kept, and tells that they are published. */
  publish(name: VersionName, contracts: readonly ContractTerms[]): Promise<void>
}

/** A service that lives somewhere, and one of its contracts. */
export type Neighbour = StoredContract & {
  readonly is: 'deployed' | 'released' | 'starting' | 'retired' | 'head'
  readonly instance?: string
  /** For what has ended, when. */
  readonly endedAt?: number
  /** For a reservation, which it is, and whether it has expired. */
  readonly reservation?: { readonly id: number; readonly expiresAt: number; readonly isExpired: boolean }
}

/** Who takes part in a place. */
export type Meeting = { readonly place: string; readonly verb: Verb; readonly service: string }

/** A field that a contract's schema names. */
export type FieldUse = VersionName & {
  readonly place: string
  readonly verb: Verb
  readonly part: string
  readonly at: string
  readonly required: boolean
}

/**
 * Finding who meets where. What is asked about a place costs as much as there are services that have ever taken part in it,
 * and not more when there are more elsewhere.
 */
export interface ChannelReads {
  /** Places that begin with a prefix, by name. */
  places(prefix: string, page: Page<string>): Promise<string[]>
  /** Who has ever taken part in these places. */
  meetings(places: readonly string[]): Promise<Meeting[]>
  /** In which places these services have ever taken part. */
  meetingsOf(services: readonly string[]): Promise<Meeting[]>
  /** All contracts at a place that a verb names, of all versions, by service, the latest version first. */
  contractsAt(place: string, page: Page<VersionName>, environment?: string): Promise<StoredContract[]>
  /** Contracts of what runs, is supported or is being rolled out in an environment, at these places. */
  running(environment: string, verb: Verb, places: readonly string[]): Promise<Neighbour[]>
  /**
   * What runs, is supported or is being rolled out in an environment and has published nothing, of the services that have ever
   * taken part in these places.
   */
  silent(environment: string, verb: Verb, places: readonly string[]): Promise<VersionName[]>
  /**
   * Contracts of writers that have ended there, or whose roll-out has, within what their streams keep, or `keepsMs` where that
   * is more.
   */
  retired(environment: string, places: readonly string[], keepsMs: number): Promise<Neighbour[]>
  /** Until when streams keep what a service's versions have written that have ended, by what these say of it. */
  keptUntil(service: string): Promise<number | undefined>
  /** Contracts of the heads of all services' main branches at these places: the last to have published any. */
  heads(verb: Verb, places: readonly string[]): Promise<Neighbour[]>
  /** All contracts of what runs in an environment. */
  runningAll(environment: string, limit: number): Promise<Neighbour[]>
  /** Contracts whose schemas name a field, by service and version, of what runs somewhere or arrived last. */
  fields(name: string, page: Page<FieldUse>, verb?: Verb): Promise<FieldUse[]>
}
