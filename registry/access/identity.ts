/** Who makes a request, as far as it is known. */
export type Identity = {
  /** As logs and audit rows name them. */
  readonly name: string
  /** `local` is everybody while access is open; `settings` has the token of the settings. */
  readonly kind: 'token' | 'certificate' | 'settings' | 'local' | 'anonymous'
  /** The id of the credential, or else the kind. */
  readonly credential: string
  readonly scopes: readonly string[]
}

export const LOCAL: Identity = { name: 'local', kind: 'local', credential: 'local', scopes: ['admin'] }
export const ANONYMOUS: Identity = { name: 'anonymous', kind: 'anonymous', credential: 'anonymous', scopes: [] }

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs. */
    identity: Identity
  }
}
