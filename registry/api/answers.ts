import type { FastifyReply } from 'fastify'
import type { Answer } from '../gates/gate.ts'
import { channelOf, directionOf } from '../services/channel.ts'
import type { Deployment, Override, Reservation } from '../store/environments.ts'
import type { ContractTerms, ServiceEntry, ServiceVersion } from '../store/services.ts'

/** Answers with JSON, as bytes, since to text Fastify adds a charset, which JSON does not have. */
export function answer(reply: FastifyReply, value: unknown): FastifyReply {
  return answerText(reply, JSON.stringify(value))
}

/** A schema beside what is told of it. */
export type WithSchema = { readonly told: object; readonly text: string }

/** Answers with a list whose entries have schemas, which stand there as they are kept: no number of theirs is rounded. */
export function answerSchemas(
  reply: FastifyReply,
  value: object,
  name: string,
  entries: readonly WithSchema[],
): FastifyReply {
  const list = entries.map(({ told, text }) => `${open(told)}"schema":${text}}`)
  return answerText(reply, `${open(value)}${JSON.stringify(name)}:[${list.join(',')}]}`)
}

/** An object's text, to which members may be added. */
function open(value: object): string {
  const text = JSON.stringify(value).slice(0, -1)
  return text === '{' ? text : `${text},`
}

function answerText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(text))
}

export function tellService({ name, position, mainBranch }: ServiceEntry) {
  return { name, position, ...(mainBranch !== undefined && { mainBranch }) }
}

export function tellVersion(version: ServiceVersion, more: { readonly branches: readonly string[] }) {
  const { service, version: name, position, buildUrl, createdAt, publishedAt } = version
  return {
    service,
    version: name,
    position,
    ...more,
    ...(buildUrl !== undefined && { buildUrl }),
    createdAt: timeOf(createdAt),
    ...(publishedAt !== undefined && { publishedAt: timeOf(publishedAt) }),
  }
}

export function tellContract(contract: ContractTerms) {
  const { place, verb, part, schemaId, fingerprint, encoding, field, headers, guarded, external } = contract
  const { keepsMs, subject, subjectVersion, origin } = contract
  return {
    channel: channelOf({ place, part }),
    verb,
    direction: directionOf(verb, part),
    schemaId,
    fingerprint,
    encoding,
    ...(field !== undefined && { field }),
    headers,
    guarded,
    external,
    ...(keepsMs !== undefined && { keepsMs }),
    ...(subject !== undefined && { subject, subjectVersion }),
    ...(origin !== undefined && { origin }),
  }
}

export function tellDeployment({ startedAt, endedAt, ended: _ended, ...deployment }: Deployment) {
  return { ...deployment, startedAt: timeOf(startedAt), ...(endedAt !== undefined && { endedAt: timeOf(endedAt) }) }
}

export function tellReservation({ startedAt, expiresAt, closedAt, closed: _closed, ...reservation }: Reservation) {
  return {
    ...reservation,
    startedAt: timeOf(startedAt),
    expiresAt: timeOf(expiresAt),
    ...(closedAt !== undefined && { closedAt: timeOf(closedAt) }),
  }
}

export function tellOverride({ createdAt, expiresAt, endedAt, ended: _ended, ...override }: Override) {
  return {
    ...override,
    createdAt: timeOf(createdAt),
    expiresAt: timeOf(expiresAt),
    ...(endedAt !== undefined && { endedAt: timeOf(endedAt) }),
  }
}

export function tellAnswer({ destination, policy, candidates, reservation, ...judgement }: Answer) {
  const { answer: word, summary, compared, stops, overridden, warnings, pairs, back, next } = judgement
  return {
    answer: word,
    ...destination,
    policy,
    candidates,
    summary,
    compared,
    stops,
    overridden: overridden.map(({ override, ...stop }) => ({ ...stop, override: tellOverride(override) })),
    warnings,
    pairs,
    back,
    next,
    ...(reservation && { reservation: reservation.map(tellReservation) }),
  }
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
