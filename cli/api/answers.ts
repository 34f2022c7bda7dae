import type { Finding, Json, JsonSchema, Policy } from '../../contracts/index.ts'

/** A version of a service, by its names. */
export type ServiceVersion = { readonly service: string; readonly version: string }

/** A contract as the registry tells it. */
export type ContractTold = {
  readonly channel: string
  readonly verb: 'writes' | 'reads' | 'serves' | 'calls'
  readonly direction: 'writes' | 'reads'
  readonly schemaId: number
  readonly fingerprint: string
}

/** What publishing answers. */
export type Published = ServiceVersion & {
  readonly branches: readonly string[]
  readonly buildUrl?: string
  readonly position: number
  readonly publishedAt?: string
  readonly contracts: readonly ContractTold[]
}

/** What stands on one side of a comparison, and why it counts. */
export type Side = ServiceVersion & {
  readonly is: string
  readonly instances?: readonly string[]
  readonly guarded?: boolean
  /** Where its contract was declared, as it was published. */
  readonly origin?: string
  readonly endedAt?: string
}

/** Why a comparison came out so: the findings, as data and in words, and one message that shows them. */
export type Reasons = {
  readonly words?: readonly string[]
  readonly findings?: readonly Finding[]
  readonly witness?: Json
  readonly wire?: readonly (readonly [field: string, text: string])[]
  readonly unknownReason?: string
}

/** One reason why something cannot go where it wants to go. */
export type Stop = Reasons & {
  readonly reason: string
  readonly candidates?: readonly ServiceVersion[]
  /** The whole of it in one sentence. */
  readonly text: string
  readonly channel?: string
  readonly writer?: Side
  readonly reader?: Side
  readonly next?: string
}

/** A writer and a reader that would meet on a channel, compared. */
export type Pair = Reasons & {
  readonly channel: string
  readonly writer: Side
  readonly reader: Side
  readonly answer: 'compatible' | 'incompatible' | 'unknown'
  readonly onlyAsDeclared?: boolean
}

/** A stop that somebody waved through, by name and for a time. */
export type Override = {
  readonly id: number | string
  readonly service?: string
  readonly version?: string
  readonly channel?: string
  readonly environment: string
  readonly reason: string
  readonly by: string
  readonly createdAt: string
  readonly expiresAt: string
  readonly endedAt?: string
}

/** What a gate answers: whether candidates can go somewhere, and everything that was looked at. */
export type GateAnswer = {
  readonly answer: 'yes' | 'no'
  readonly to?: string
  readonly against?: string
  readonly policy?: Policy
  readonly candidates: readonly ServiceVersion[]
  readonly summary: string
  readonly compared: {
    readonly pairs: number
    readonly compatible: number
    readonly incompatible: number
    readonly unknown: number
  }
  readonly stops: readonly Stop[]
  readonly overridden?: readonly (Stop & { readonly override: Override })[]
  readonly warnings?: readonly { readonly reason: string; readonly text: string; readonly channel?: string }[]
  readonly pairs?: readonly Pair[]
  readonly back?: {
    readonly answer: 'safe' | 'unsafe' | 'nothing'
    readonly to: readonly ServiceVersion[]
    readonly stops?: readonly Stop[]
  }
  readonly next?: string
  readonly reservation?: readonly Reservation[]
}

export type Reservation = ServiceVersion & {
  readonly id: number | string
  readonly environment: string
  readonly instance?: string
  readonly by?: string
  readonly startedAt: string
  readonly expiresAt: string
  readonly isExpired?: boolean
}

export type Deployment = ServiceVersion & {
  readonly id: number | string
  readonly environment: string
  readonly instance?: string
  readonly startedAt: string
  readonly endedAt?: string
}

export type Environment = { readonly name: string; readonly production: boolean; readonly policy: Policy }

/** An environment and what is there now. */
export type EnvironmentShown = Environment & {
  readonly deployments: readonly Deployment[]
  readonly releases: readonly Deployment[]
  readonly reservations: readonly Reservation[]
}

/** One of the schemas that are written to a channel, and whose it is. */
export type WrittenSchema = {
  readonly schemaId: number
  readonly fingerprint: string
  readonly channel: string
  readonly encoding: string
  readonly field?: string
  readonly headers: 'off' | 'id' | 'full'
  readonly schema: JsonSchema
  readonly versions: readonly ServiceVersion[]
}

/** Who writes, reads, serves and calls which channel. */
export type Graph = {
  readonly edges: readonly {
    readonly service: string
    readonly verb: string
    readonly channel: string
    /** What runs, where an environment was named. */
    readonly versions?: readonly string[]
  }[]
}
