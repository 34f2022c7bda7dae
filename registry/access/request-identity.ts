import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ANONYMOUS, type Identity } from './identity.ts'

const IDENTITY = Symbol('identity')

declare module 'fastify' {
  interface FastifyRequest {
    [IDENTITY]: Identity | null
  }
}

/** Gives requests an identity; whoever asks for it before it is known, or after a refusal, finds nobody. */
export function decorateIdentity(app: FastifyInstance): void {
  app.decorateRequest(IDENTITY, null)
  app.decorateRequest('identity', {
    getter(this: FastifyRequest): Identity {
      return this[IDENTITY] ?? ANONYMOUS
    },
    setter(this: FastifyRequest, identity: Identity) {
      this[IDENTITY] = identity
    },
  })
}
