import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { registryError } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The SHA-256 of the body as it came, when the request has an Idempotency-Key. */
    bodyDigest: string
  }
}

const KEY = /^[\x20-\x7e]{1,255}$/

/** The key that a client has given its request so that it may send it again, or undefined. */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && KEY.test(key)) return key
  throw registryError('idempotency.invalid-key', undefined)
}

/** Remembers what the body of a request with a key was, without keeping it. */
export function digestBody(request: FastifyRequest, body: Buffer): void {
  if (request.headers['idempotency-key'] !== undefined)
    request.bodyDigest = createHash('sha256').update(body).digest('hex')
}

/** What tells one request from another with the same key. */
export function fingerprintOf({ method, url, headers, bodyDigest }: FastifyRequest): string {
  const parts = [method, url, headers['content-type'] ?? '', bodyDigest]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
