import { Type } from '@sinclair/typebox'
import { CheckRequest, GateRequest, OverrideRequest } from '../api/gates.ts'
import { Anything, Count, Id, Name, oneOf, optional, Policy, refer, Texts, Time, VersionName } from './schemas.ts'

const Told = {
  findings: Type.Array(refer('Finding')),
  words: Texts,
  witness: optional({ ...Anything, description: 'A message that the writer may write and the reader refuses.' }),
  wire: optional(Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 2 }))),
  unknownReason: optional(Type.String()),
}

const Stop = {
  reason: oneOf(['incompatible', 'unknown', 'missing', 'unpublished']),
  candidates: Type.Array(refer('VersionName')),
  channel: optional(Type.String()),
  writer: optional(refer('Side')),
  reader: optional(refer('Side')),
  ...Told,
  findings: optional(Told.findings),
  words: optional(Told.words),
  text: Type.String(),
  next: Type.String(),
}

/** Verdicts, and what gates say. */
export const GATE_SCHEMAS = {
  GateRequest,
  CheckRequest,
  OverrideRequest,
  Place: Type.Object({ pointer: Type.String(), value: Anything }),
  Finding: Type.Object(
    {
      code: Type.String(),
      at: Type.String({ description: 'A JSON Pointer.' }),
      writer: optional(refer('Place')),
      reader: optional(refer('Place')),
      suggestion: optional(
        Type.Union([
          Type.Object({ rename: Type.Object({ from: Type.String(), to: Type.String() }) }),
          Type.Object({ candidates: Texts }),
        ]),
      ),
    },
    { description: 'One reason, as data.' },
  ),
  Side: Type.Object({
    ...VersionName,
    is: oneOf(['candidate', 'deployed', 'released', 'starting', 'retired', 'head']),
    instances: optional(Texts),
    guarded: Type.Boolean(),
    schemaId: Count,
    origin: optional(Type.String()),
    endedAt: optional(Time),
  }),
  Pair: Type.Object(
    {
      channel: Name,
      writer: refer('Side'),
      reader: refer('Side'),
      answer: oneOf(['compatible', 'incompatible', 'unknown']),
      onlyAsDeclared: optional(Type.Boolean()),
      ...Told,
    },
    { description: 'A writer and a reader that meet, and whether the reader takes all that the writer may write.' },
  ),
  Stop: Type.Object(Stop, { description: 'Why a candidate may not go.' }),
  OverriddenStop: Type.Object({ ...Stop, override: refer('Override') }),
  Warning: Type.Object({
    reason: oneOf(['unguarded', 'unpublished', 'reservation-expired', 'overridden']),
    text: Type.String(),
    channel: optional(Type.String()),
  }),
  GateAnswer: Type.Object({
    answer: oneOf(['yes', 'no']),
    to: optional(Type.String()),
    against: optional(oneOf(['main'])),
    policy: Policy,
    candidates: Type.Array(refer('VersionName')),
    summary: Type.String(),
    compared: Type.Object({ pairs: Count, compatible: Count, incompatible: Count, unknown: Count }),
    stops: Type.Array(refer('Stop')),
    overridden: Type.Array(refer('OverriddenStop')),
    warnings: Type.Array(refer('Warning')),
    pairs: Type.Array(refer('Pair')),
    back: Type.Object({
      answer: oneOf(['safe', 'unsafe', 'nothing']),
      to: Type.Array(refer('VersionName')),
      stops: Type.Array(refer('Stop')),
    }),
    next: Type.String(),
    reservation: optional(Type.Array(refer('Reservation'))),
  }),
  Impact: Type.Object({
    breaks: Type.Array(
      Type.Object({
        ...VersionName,
        channel: Name,
        reason: oneOf(['incompatible', 'unknown', 'missing']),
        text: Type.String(),
      }),
    ),
    affected: Type.Array(Type.Object({ service: Name, through: Texts })),
    tell: Texts,
    isWhole: Type.Boolean(),
  }),
  Override: Type.Object(
    {
      id: Id,
      service: Name,
      version: optional(Type.String()),
      channel: optional(Type.String()),
      environment: Name,
      reason: Type.String(),
      by: Name,
      createdAt: Time,
      expiresAt: Time,
      isExpired: Type.Boolean(),
      endedAt: optional(Time),
    },
    { description: "Somebody's word that a gate may let something through." },
  ),
}
