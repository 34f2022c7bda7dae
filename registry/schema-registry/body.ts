import type { FastifyInstance, FastifyRequest } from 'fastify'
import { explain, type Json, parseJson, SCHEMA_LIMITS } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import { digestBody } from '../limits/idempotency-key.ts'
import { isWellFormed } from '../unicode.ts'
import { CONTENT_TYPES } from './answers.ts'
import { unsupportedMediaType } from './refusals.ts'

/**
 * Reads bodies of every content type that this API's clients send in one and the same way. Where `isExact`, an integer that
 * floating point would change is refused: what is kept is what was sent.
 */
export function readBodies(app: FastifyInstance, { isExact = false } = {}): void {
  const parseBody = async (request: FastifyRequest, body: Buffer) => {
    digestBody(request, body)
    return parse(body, isExact)
  }
  app.addContentTypeParser([...CONTENT_TYPES, 'application/octet-stream'], { parseAs: 'buffer' }, parseBody)
  // Fastify asks this one for unknown content types, and also where there is none.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    if (request.headers['content-type'] !== undefined) throw unsupportedMediaType(request)
    return parseBody(request, body)
  })
  app.addHook('onRequest', async (request) => {
    // Nothing is ever inflated, so that a small body is a small body.
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') throw unsupportedMediaType(request)
  })
}

function parse(body: Buffer, isExact: boolean): Json | undefined {
  // Clients name a content type with their DELETEs, too. Where a body is wanted, its schema tells that there is none.
  if (body.length === 0) return undefined
  const text = decode(body)
  if (hasTooManyParts(text)) throw malformed(`its body has more than ${MOST_PARTS} values`)
  const parsed = parseJson(text, SCHEMA_LIMITS.depth)
  if (parsed.findings) throw malformed(`its body: ${parsed.findings.slice(0, 3).map(explain).join('; ')}`)
  const { value, inexact } = parsed
  if (isExact && inexact.length > 0)
    throw malformed(
      `its body has the integer ${inexact[0]}, which floating point would change; send a schema with it as text`,
    )
  if (isExact && ESCAPED_SURROGATE.test(text) && !isWellFormed(value))
    throw malformed('its body has a text that is ill-formed Unicode')
  if (pollutesPrototypes(value)) throw malformed('its body has a member "prototype" of a member "constructor"')
  return value
}

/** Without one of these, a body that is UTF-8 has no half of a pair. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/

/** A schema comes as one text, however large; what comes beside it is small, so no body keeps the event loop for long. */
const MOST_PARTS = 50_000
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]

/** Counts commas outside of texts, in text that need not be JSON. */
function hasTooManyParts(text: string): boolean {
  let parts = 0
  let isQuoted = false
  for (let at = 0; at < text.length && parts < MOST_PARTS; at++) {
    const character = text.charCodeAt(at)
    if (character === QUOTE) isQuoted = !isQuoted
    else if (isQuoted && character === BACKSLASH) at++
    else if (!isQuoted && character === COMMA) parts++
  }
  return parts >= MOST_PARTS
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (error) {
    throw malformed('its body is not UTF-8', error)
  }
}

function malformed(reason: string, cause?: unknown): Error {
  return registryError('request.malformed', { reason }, { cause })
}

/** `__proto__` has been refused with the names that stand twice; the other way to an object's prototype is this one. */
function pollutesPrototypes(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([name, member]) =>
      (name === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype')) ||
      pollutesPrototypes(member),
  )
}
