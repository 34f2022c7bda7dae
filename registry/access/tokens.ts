import { registryError } from '../errors.ts'
import type { AuditEntry, Credential } from '../store/access.ts'
import type { Store } from '../store/store.ts'
import { shown } from '../unicode.ts'
import { isScope } from './scopes.ts'
import { createId, createToken, hashOf } from './token.ts'

/** What tokens may be at most; docs/limits.md lists them. */
export const TOKEN_LIMITS = {
  /** Characters of a name, and of a scope. */
  nameLength: 100,
  scopeLength: 600,
  scopes: 50,
  /** Tokens that are good at one time. */
  tokens: 10_000,
  /** Two years; without an end a token is good until it is revoked. */
  expirySeconds: 2 * 366 * 24 * 3600,
  certificateLength: 500,
} as const

export type TokenRequest = {
  readonly name: string
  readonly scopes: readonly string[]
  readonly expiresInSeconds?: number | undefined
  /** A name in client certificates, such as `cn:tally-ci`; then there is no token. */
  readonly certificate?: string | undefined
}

export type CreateOptions = {
  /** Who gives it. */
  readonly by: string
  /** For who has to name it before it is there; a new one unless given. */
  readonly id?: string
  /** What the audit is to say, where no request says it. */
  readonly audit?: (credential: Credential) => AuditEntry
}

/** A credential that has just been made, with the token, which nobody can tell later; none where a certificate stands for it. */
export type NewToken = { readonly credential: Credential; readonly token?: string }

const NAME = /^[\w.@/:-]+$/
const CERTIFICATE = /^(?:cn|dns|uri):[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u

/** Makes a token, or lets a name in client certificates stand for one. */
export async function createCredential(
  store: Pick<Store, 'write'>,
  request: TokenRequest,
  { by, audit, id = createId() }: CreateOptions,
): Promise<NewToken> {
  checkRequest(request)
  const { name, scopes, certificate, expiresInSeconds } = request
  const token = certificate === undefined ? createToken(id) : undefined
  const credential = await store.write(async (transaction) => {
    if ((await transaction.credentials.countGood()) >= TOKEN_LIMITS.tokens)
      throw refused(`${TOKEN_LIMITS.tokens} tokens are good now, and more there may not be: revoke some first`)
    const made = await transaction.credentials.create({
      id,
      name,
      by,
      scopes: [...new Set(scopes)],
      expiresInMs: expiresInSeconds === undefined ? undefined : expiresInSeconds * 1000,
      ...(token !== undefined && { hash: hashOf(token).toString('hex') }),
      ...(certificate !== undefined && { certificate }),
    })
    if (audit) await transaction.audit.append([audit(made)])
    return made
  })
  return { credential, ...(token !== undefined && { token }) }
}

/** Revokes a token. One that has been revoked stays as it is. */
export async function revokeCredential(
  store: Pick<Store, 'write'>,
  id: string,
  audit?: CreateOptions['audit'],
): Promise<Credential> {
  return store.write(async (transaction) => {
    const revoked = await transaction.credentials.revoke(id)
    if (revoked === undefined) throw registryError('token.unknown', { id: shown(id) })
    if (audit) await transaction.audit.append([audit(revoked)])
    return revoked
  })
}

/** What may be told of a credential: neither its token nor the hash of it. */
export function tellCredential({ hash: _hash, isExpired, ...credential }: Credential) {
  const { createdAt, expiresAt, revokedAt, usedAt, ...rest } = credential
  return {
    ...rest,
    state: stateOf({ isExpired, revokedAt }),
    createdAt: timeOf(createdAt),
    ...(expiresAt !== undefined && { expiresAt: timeOf(expiresAt) }),
    ...(revokedAt !== undefined && { revokedAt: timeOf(revokedAt) }),
    ...(usedAt !== undefined && { usedAt: timeOf(usedAt) }),
  }
}
export type CredentialTold = ReturnType<typeof tellCredential>

/** Whether a credential may be for a name in a certificate; with some characters no database would even be asked. */
export function isCertificateName(name: string): boolean {
  return CERTIFICATE.test(name) && name.length <= TOKEN_LIMITS.certificateLength
}

function stateOf({ isExpired, revokedAt }: { readonly isExpired: boolean; readonly revokedAt?: number | undefined }) {
  if (revokedAt !== undefined) return 'revoked'
  return isExpired ? 'expired' : 'good'
}

function checkRequest({ name, scopes, certificate, expiresInSeconds }: TokenRequest): void {
  const { nameLength, scopeLength, expirySeconds } = TOKEN_LIMITS
  if (!NAME.test(name) || name.length > nameLength)
    throw refused(`"${shown(name)}" cannot name it: use 1 to ${nameLength} letters, digits and any of . _ - @ / :`)
  if (scopes.length === 0 || scopes.length > TOKEN_LIMITS.scopes)
    throw refused(`it has ${scopes.length} scopes: name 1 to ${TOKEN_LIMITS.scopes}`)
  const wrong = scopes.find((scope) => scope.length > scopeLength || !isScope(scope))
  if (wrong !== undefined) throw refused(`"${shown(wrong)}" is no scope: ${SCOPES}`)
  if (certificate !== undefined && !isCertificateName(certificate))
    throw refused(`"${shown(certificate)}" is no name in a certificate: write cn:, dns: or uri: before it`)
  if (expiresInSeconds !== undefined && !(expiresInSeconds >= 1 && expiresInSeconds <= expirySeconds))
    throw refused(`it is to be good for ${expiresInSeconds} s: name 1 to ${expirySeconds}, or no end`)
}

const SCOPES =
  'there are read, register:<subject>, publish:<service>, deploy:<environment>, override:<environment> and admin; a name may end in *'

function refused(reason: string): Error {
  return registryError('token.refused', { reason })
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
