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

async function parseBody(_request: FastifyRequest, body: Buffer): Promise<Json> {
  const { value, findings } = parseJson(decode(body), SCHEMA_LIMITS.depth)
  if (findings) throw malformed(`its body: ${findings.slice(0, 3).map(explain).join('; ')}`)
  if (pollutesPrototypes(value)) throw malformed('its body has a member "prototype" of a member "constructor"')
  return value
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
