import type { Socket } from 'node:net'
import type { Identity } from './identity.ts'

type Proven = { readonly authorization: string; readonly identity: Identity }

/** Whose the header was that a connection has sent last, so that a token is hashed once for a connection and not each time. */
export class ProvenHeaders {
  readonly #last = new WeakMap<Socket, Proven>()

  find(connection: Socket, authorization: string): Identity | undefined {
    const last = this.#last.get(connection)
    return last && isSameText(last.authorization, authorization) ? last.identity : undefined
  }

  note(connection: Socket, authorization: string, identity: Identity): void {
    this.#last.set(connection, { authorization, identity })
  }
}

/** Takes as long whatever differs: behind a proxy, somebody else may have used the connection before. */
function isSameText(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}
