import type { FastifyRequest } from 'fastify'
import type { Directory } from './directory.ts'
import { findForeignOrigin } from './foreign.ts'
import type { Identity } from './identity.ts'

export type ByCertificate = {
  readonly directory: Pick<Directory, 'byNames'>
  readonly corsOrigins: readonly string[]
  /** Who comes with a certificate that nobody knows. */
  readonly otherwise: Identity
}

type Done = (error?: Error) => void

/** Identifies requests by the names in the certificate of the client. */
export function createByCertificate({ directory, corsOrigins, otherwise }: ByCertificate) {
  const settle = (request: FastifyRequest, identity: Identity | undefined, done: Done): void => {
    request.identity = identity ?? otherwise
    done(identity && findForeignOrigin(request, corsOrigins))
  }
  return (request: FastifyRequest, names: readonly string[], done: Done): void => {
    const found = directory.byNames(names)
    if (found instanceof Promise) void found.then((identity) => settle(request, identity, done), done)
    else settle(request, found, done)
  }
}
