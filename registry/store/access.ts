import type { JsonObject } from '../../contracts/index.ts'
import type { Page } from './store.ts'

/** By what somebody is known, a token or the name in a client certificate, and what they may do. */
export type Credential = {
  readonly id: string
  /** Whose it is, as audit rows and log lines name it. */
  readonly name: string
  readonly scopes: readonly string[]
  /** The SHA-256 of the token, as hexadecimal digits; the token itself is nowhere. */
  readonly hash?: string
  /** A name in a client certificate, such as `cn:tally-ci`. */
  readonly certificate?: string
  readonly by: string
  readonly createdAt: number
  readonly expiresAt?: number
  readonly isExpired: boolean
  readonly revokedAt?: number
  /** When it was used last, to within an hour. */
  readonly usedAt?: number
}

export type NewCredential = Pick<Credential, 'id' | 'name' | 'scopes' | 'hash' | 'certificate' | 'by'> & {
  readonly expiresInMs?: number | undefined
}

/** Finding credentials. What is not there is `undefined` or an empty list, never an error. */
export interface CredentialReads {
  byId(id: string): Promise<Credential | undefined>
  /** The ones that hold for this name in a certificate: neither revoked nor expired. */
  byCertificate(name: string): Promise<Credential[]>
  /** How many are neither revoked nor expired. */
  countGood(): Promise<number>
  /** By id, those that are revoked or expired too. */
  list(page: Page<string>): Promise<Credential[]>
}

export interface CredentialWrites extends CredentialReads {
  create(credential: NewCredential): Promise<Credential>
  /** Answers what it is now; undefined where it is not there. One that has been revoked stays as it is. */
  revoke(id: string): Promise<Credential | undefined>
  /** Notes that these have been used now. */
  touch(ids: readonly string[]): Promise<void>
}

/** Who has written something, or has been refused. */
export type AuditEntry = {
  readonly who: string
  /** The id of a credential, or else how they came: `local`, `anonymous`, `settings`, `command`. */
  readonly credential: string
  /** What they asked for, such as `POST /subjects/votes/versions`. */
  readonly action: string
  readonly outcome: 'done' | 'refused'
  /** The HTTP status of a refusal. */
  readonly status?: number
  readonly address?: string
  readonly requestId?: string
  /** What the action says of itself beside its path: versions, environments, reasons. Never a secret. */
  readonly details?: JsonObject
  /** How many refusals of one kind the row stands for. */
  readonly count: number
}

export type AuditRow = AuditEntry & { readonly id: number; readonly at: number }

export type AuditFilter = {
  readonly who?: string | undefined
  readonly outcome?: AuditEntry['outcome'] | undefined
  /** With what the action begins. */
  readonly action?: string | undefined
  readonly since?: number | undefined
  readonly until?: number | undefined
}

export interface AuditReads {
  /** The latest first; `after` is an id. */
  latest(filter: AuditFilter, page: Page<number>): Promise<AuditRow[]>
  /** The oldest first, for an export. */
  list(page: Page<number>): Promise<AuditRow[]>
}

/** Rows are added, and neither changed nor taken away: the database refuses both. */
export interface AuditWrites extends AuditReads {
  append(entries: readonly AuditEntry[]): Promise<void>
}

/** Names a request that may be sent again: whose it is, and the key that they have given it. */
export type RequestKey = { readonly identity: string; readonly key: string }

/** An answer that has been given, to be given again. */
export type KeptAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is known of a request that has come before. Without an answer, it is still under way. */
export type EarlierRequest = { readonly fingerprint: string; readonly answer?: KeptAnswer }

export interface AnswerWrites {
  /**
   * Claims a request, so that nobody else carries it out. Answers the earlier one in whose way it is, or undefined when the
   * request is the caller's. A claim that is as old as `abandonedMs` and has no answer is given up; answers last `keptMs`.
   */
  claim(
    request: RequestKey & { readonly fingerprint: string },
    limits: { readonly abandonedMs: number; readonly keptMs: number },
  ): Promise<EarlierRequest | undefined>
  keep(request: RequestKey, answer: KeptAnswer): Promise<void>
  /** Gives a claim up, so that the request may be sent anew. */
  release(request: RequestKey): Promise<void>
  /** Takes some answers away that are older. */
  forget(keptMs: number): Promise<void>
}
