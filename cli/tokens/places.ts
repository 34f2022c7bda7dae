import { createCredential, revokeCredential, type TokenRequest, tellCredential } from '../../registry/access/tokens.ts'
import { readSettings } from '../../registry/settings.ts'
import type { AuditEntry, Credential } from '../../registry/store/access.ts'
import type { Store } from '../../registry/store/store.ts'
import { pathTo } from '../api/client.ts'
import { listPages } from '../api/pages.ts'
import { openApi, type RegistryOptions } from '../options.ts'
import { openStore } from '../store.ts'

/** A token as the registry tells it. */
export type TokenTold = {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly certificate?: string
  readonly by: string
  readonly state: string
  readonly createdAt: string
  readonly expiresAt?: string
  readonly usedAt?: string
}

/** What has just been made; the token itself is told this once. */
export type TokenMade = TokenTold & { readonly token?: string }

/** Where tokens are kept: a registry that is asked, or its data. */
export interface Tokens extends AsyncDisposable {
  create(request: TokenRequest): Promise<TokenMade>
  list(): Promise<readonly TokenTold[]>
  revoke(id: string): Promise<TokenTold>
}

/** `data` is a folder, and `database` what the settings name: with one of them the registry is not asked, and need not run. */
export type PlaceOptions = RegistryOptions & { readonly data?: string; readonly database?: true }

export async function openTokens(options: PlaceOptions): Promise<Tokens> {
  const { data, database } = options
  if (data === undefined && database === undefined) return throughApi(options)
  return inStore(await openStore(data === undefined ? readSettings() : {}, data ?? ''))
}

async function throughApi(options: RegistryOptions): Promise<Tokens> {
  const api = await openApi(options)
  return {
    create: (request) => api.post<TokenMade>(pathTo('tokens'), 'id', request),
    list: async () =>
      (await listPages<TokenTold>(api, { path: pathTo('tokens'), member: 'tokens', query: {} })).entries,
    revoke: (id) => api.remove<TokenTold>(pathTo('tokens', id), 'id'),
    [Symbol.asyncDispose]: async () => {},
  }
}

const AT_ONCE = 1000

function inStore(store: Store): Tokens {
  return {
    create: async (request) => {
      const { credential, token } = await createCredential(store, request, { by: 'command', audit: auditCreating })
      return { ...tellCredential(credential), ...(token !== undefined && { token }) }
    },
    list: async () => {
      const all: Credential[] = []
      for (;;) {
        const after = all.at(-1)?.id
        const page = await store.credentials.list({ after, limit: AT_ONCE })
        all.push(...page)
        if (page.length < AT_ONCE) return all.map(tellCredential)
      }
    },
    revoke: async (id) => tellCredential(await revokeCredential(store, id, auditRevoking)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const auditCreating = (made: Credential) => auditOf('tokens create', made)
const auditRevoking = (revoked: Credential) => auditOf('tokens revoke', revoked)

/** Who reaches the data needs no token, so that the row can only say by which way they came. */
function auditOf(command: string, { id, name, scopes, certificate }: Credential): AuditEntry {
  const details = { id, name, scopes: [...scopes], ...(certificate !== undefined && { certificate }) }
  const who = { who: 'command', credential: 'command' }
  return { ...who, action: `concordat ${command}`, outcome: 'done', details, count: 1 }
}
