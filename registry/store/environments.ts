import type { Policy } from '../../contracts/index.ts'
import type { VersionName } from './services.ts'
import type { Page } from './store.ts'

export type EnvironmentEntry = {
  readonly name: string
  readonly production: boolean
  /** By which policy verdicts are asked for where something goes there. */
  readonly policy: Policy
}

/** What runs, or ran: a deployment replaces the one before it in its slot, and releases stand side by side. */
export type Deployment = VersionName & {
  /** Its position in the order of all that comes to the store. */
  readonly id: number
  readonly kind: 'deployment' | 'release'
  readonly environment: string
  readonly instance?: string
  readonly startedAt: number
  readonly ended?: number
  readonly endedAt?: number
}

export type Slot = { readonly environment: string; readonly service: string; readonly instance?: string | undefined }

/** A version that somebody has begun to roll out, after a gate has said yes. */
export type Reservation = VersionName & {
  readonly id: number
  readonly environment: string
  readonly instance?: string
  readonly by?: string
  readonly startedAt: number
  readonly expiresAt: number
  readonly isExpired: boolean
  readonly closed?: number
  readonly closedAt?: number
  readonly outcome?: 'recorded' | 'given-up'
}

/** Somebody's word that a gate may let something through. */
export type Override = {
  readonly id: number
  readonly service: string
  readonly version?: string
  readonly channel?: string
  readonly environment: string
  readonly reason: string
  readonly by: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly isExpired: boolean
  readonly ended?: number
  readonly endedAt?: number
}

/** Finding what runs where. What is not there is `undefined` or an empty list, never an error. */
export interface EnvironmentReads {
  environment(name: string): Promise<EnvironmentEntry | undefined>
  /** By name. */
  list(page: Page<string>): Promise<EnvironmentEntry[]>
  /** What runs and is supported in an environment, by service. */
  current(environment: string, service?: string): Promise<Deployment[]>
  /** What runs and is supported of one service, wherever, by environment. */
  currentOf(service: string): Promise<Deployment[]>
  /** All that has run in an environment, the latest first; `after` is an id. */
  history(environment: string, page: Page<number>, service?: string): Promise<Deployment[]>
  /** Reservations that nobody has closed. */
  reservations(environment: string): Promise<Reservation[]>
  /** Reservations of one service that nobody has closed, wherever. */
  reservationsOf(service: string): Promise<Reservation[]>
  /** Overrides that hold for a service in an environment now. */
  overrides(environment: string, service: string): Promise<Override[]>
  /** All overrides, the latest first. */
  allOverrides(page: Page<number>): Promise<Override[]>
  /** Overrides, deployments and reservations, the oldest first, for an export. */
  overridesAfter(page: Page<number>): Promise<Override[]>
  allDeployments(page: Page<number>): Promise<Deployment[]>
  allReservations(page: Page<number>): Promise<Reservation[]>
  /** The clock by which expiry is told, in milliseconds since 1970. */
  now(): Promise<number>
  /** The highest position given so far. */
  position(): Promise<number>
}

export type NewReservation = VersionName & {
  readonly environment: string
  readonly instance?: string | undefined
  readonly by?: string | undefined
  readonly expiresInMs: number
}
export type NewOverride = Pick<Override, 'service' | 'version' | 'channel' | 'environment' | 'reason' | 'by'> & {
  readonly expiresInMs: number
}

/** Changing what runs where. History is appended: what has ended is marked so, and stays. */
export interface EnvironmentWrites extends EnvironmentReads {
  putEnvironment(entry: EnvironmentEntry): Promise<void>
  /** Takes an environment away, and ends its overrides. What has run there stays in its history. */
  removeEnvironment(name: string): Promise<void>
  /** Starts a deployment. Its slot is free. */
  deploy(slot: Slot, version: string): Promise<Deployment>
  /** Starts a release. The version is not supported there already. */
  release(environment: string, name: VersionName): Promise<Deployment>
  /** Ends what runs, and answers it as it is then. */
  end(ids: readonly number[]): Promise<Deployment[]>
  reserve(reservation: NewReservation): Promise<Reservation>
  /** Gives a reservation that is open more time. */
  extend(id: number, expiresInMs: number): Promise<Reservation | undefined>
  /** Closes reservations that are open, and answers them. */
  close(ids: readonly number[], outcome: 'recorded' | 'given-up'): Promise<Reservation[]>
  override(override: NewOverride): Promise<Override>
  /** Ends an override before its time; undefined where there is none to end. */
  endOverride(id: number): Promise<Override | undefined>
}

/** Verdicts by what they are a verdict of; they hold for ever. */
export interface VerdictReads {
  find(keys: readonly string[]): Promise<{ readonly key: string; readonly verdict: string }[]>
}

export interface VerdictWrites extends VerdictReads {
  /** Keeps verdicts; one that is there already stays as it is. */
  keep(verdicts: readonly { readonly key: string; readonly verdict: string }[]): Promise<void>
}
