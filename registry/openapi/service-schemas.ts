import { Type } from '@sinclair/typebox'
import { DeploymentRequest, EnvironmentRequest, ReleaseRequest } from '../api/environments.ts'
import { PublishRequest, ServiceRequest, VersionRequest } from '../api/services.ts'
import {
  AnySchema,
  Count,
  Id,
  Name,
  NEXT,
  oneOf,
  optional,
  Policy,
  refer,
  Texts,
  Time,
  VersionName,
} from './schemas.ts'

const Verb = oneOf(['writes', 'reads', 'serves', 'calls'])

const Contract = {
  channel: Name,
  verb: Verb,
  direction: oneOf(['writes', 'reads']),
  schemaId: Id,
  fingerprint: Type.String(),
  encoding: oneOf(['fields', 'json', 'http']),
  field: optional(Type.String()),
  headers: oneOf(['off', 'id', 'full']),
  guarded: Type.Boolean(),
  external: Type.Boolean(),
  keepsMs: optional(Count),
  subject: optional(Type.String()),
  subjectVersion: optional(Id),
  origin: optional(Type.String()),
}

const Version = {
  ...VersionName,
  position: Id,
  branches: Texts,
  buildUrl: optional(Type.String()),
  createdAt: Time,
  publishedAt: optional(Time),
  environments: Texts,
}

const Service = { name: Name, position: Id, mainBranch: optional(Type.String()) }
const Environment = { name: Name, production: Type.Boolean(), policy: Policy }

/** Services, their versions and contracts, and what runs where. */
export const SERVICE_SCHEMAS = {
  ServiceRequest,
  VersionRequest,
  PublishRequest,
  EnvironmentRequest,
  DeploymentRequest,
  ReleaseRequest,
  VersionName: Type.Object(VersionName),
  Service: Type.Object(Service),
  ServiceInList: Type.Object({ ...Service, latest: optional(Type.String()) }),
  ServiceWithVersions: Type.Object({ ...Service, versions: Type.Array(refer('Version')), ...NEXT }),
  Version: Type.Object(Version),
  VersionWithContracts: Type.Object({ ...Version, contracts: optional(Type.Array(refer('Contract'))) }),
  Contract: Type.Object(Contract, { description: 'What a version says of one channel.' }),
  ContractWithSchema: Type.Object({ ...Contract, schema: AnySchema }),
  Environment: Type.Object(Environment),
  EnvironmentNow: Type.Object({
    ...Environment,
    deployments: Type.Array(refer('Deployment')),
    releases: Type.Array(refer('Deployment')),
    reservations: Type.Array(refer('Reservation')),
  }),
  Deployment: Type.Object({
    id: Id,
    kind: oneOf(['deployment', 'release']),
    environment: Name,
    ...VersionName,
    instance: optional(Type.String()),
    startedAt: Time,
    endedAt: optional(Time),
  }),
  Reservation: Type.Object({
    id: Id,
    environment: Name,
    ...VersionName,
    instance: optional(Type.String()),
    by: optional(Type.String()),
    startedAt: Time,
    expiresAt: Time,
    isExpired: Type.Boolean(),
    closedAt: optional(Time),
    outcome: optional(oneOf(['recorded', 'given-up'])),
  }),
}

/** Channels, and who meets there. */
export const CHANNEL_SCHEMAS = {
  ChannelInList: Type.Object({
    channel: Name,
    writes: optional(Texts),
    reads: optional(Texts),
    serves: optional(Texts),
    calls: optional(Texts),
  }),
  Participant: Type.Object({
    ...VersionName,
    branches: Texts,
    verb: Verb,
    parts: Type.Array(refer('Contract')),
    environments: Texts,
  }),
  ChannelSchema: Type.Object({
    channel: Name,
    schemaId: Id,
    fingerprint: Type.String(),
    encoding: Contract.encoding,
    field: optional(Type.String()),
    headers: Contract.headers,
    versions: Type.Array(refer('VersionName')),
    schema: AnySchema,
  }),
  Graph: Type.Object({
    services: Texts,
    channels: Texts,
    edges: Type.Array(Type.Object({ service: Name, verb: Verb, channel: Name, versions: optional(Texts) })),
    isWhole: Type.Boolean(),
  }),
  FieldUse: Type.Object({
    name: Name,
    ...VersionName,
    channel: Name,
    verb: Verb,
    at: Type.String(),
    required: Type.Boolean(),
    environments: Texts,
  }),
}
