import type { FastifyInstance, FastifyRequest } from 'fastify'
import { explain, type Json, parseJson, SCHEMA_LIMITS } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import { CONTENT_TYPES } from './answers.ts'
import { unsupportedMediaType } from './refusals.ts'

/** Reads bodies of every content type that this API's clients send in one and the same way. */
export function readBodies(app: FastifyInstance): void {
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

async function parseBody(_request: FastifyRequest, body: Buffer): Promise<Json | undefined> {
  // Clients name a content type with their DELETEs, too. Where a body is wanted, its schema tells that there is none.
  if (body.length === 0) return undefined
  const text = decode(body)
  if (hasTooManyParts(text)) throw malformed(`its body has more than ${MOST_PARTS} values`)
  const { value, findings } = parseJson(text, SCHEMA_LIMITS.depth)
  if (findings) throw malformed(`its body: ${findings.slice(0, 3).map(explain).join('; ')}`)
  if (pollutesPrototypes(value)) throw malformed('its body has a member "prototype" of a member "constructor"')
  return value
}

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
