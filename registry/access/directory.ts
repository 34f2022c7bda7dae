import type { Credential } from '../store/access.ts'
import type { Reads } from '../store/store.ts'
import { createFresh } from './fresh.ts'
import type { Identity } from './identity.ts'
import { hashOf, idIn, idPlaceIn, isSame } from './token.ts'
import { isCertificateName } from './tokens.ts'

/** Whose a token is, or why it is nobody's; the reason is for the log alone. */
export type Judgement = { readonly identity: Identity } | { readonly refused: string; readonly id?: string }

export type DirectoryOptions = {
  readonly store: Pick<Reads, 'credentials'>
  readonly now: () => number
  /** The token of the settings, which is an admin's. */
  readonly adminToken?: string | undefined
  /** Told whenever the store was asked for a credential that somebody uses. */
  readonly onUse: (credential: Credential) => void
}

/** Knows whose tokens and certificates are; the store is asked now and then. */
export type Directory = {
  /** Whose a token is, as far as that is known without the store. */
  known(token: string): Judgement | undefined
  ask(token: string): Promise<Judgement>
  /** What is known now of somebody whose token has been judged before. */
  again(identity: Identity): Judgement | undefined
  /** Whether the store, as of a few seconds ago, knows the id of a token: however many ask, it is asked seldom. */
  mayBeKnown(token: string): Promise<boolean>
  /** Whose the names in a certificate are; undefined where they are nobody's. */
  byNames(names: readonly string[]): Identity | undefined | Promise<Identity | undefined>
  /** Forgets all, for when this registry itself has changed something. */
  forget(): void
}

type Holder = { readonly hash: Buffer; readonly judgement: Judgement }
type Named = { readonly identity: Identity | undefined }

const SETTINGS: Judgement = {
  identity: { name: 'settings', kind: 'settings', credential: 'settings', scopes: ['admin'] },
}
/** What is compared with where there is nothing to compare with, so that it takes as long. No token has this hash. */
const NO_HASH = Buffer.alloc(32)
/** A certificate may have thousands. */
const MOST_NAMES = 20

export function createDirectory({ store, now, adminToken, onUse }: DirectoryOptions): Directory {
  const adminHash = adminToken === undefined ? NO_HASH : hashOf(adminToken)
  const holders = createFresh({ now, read: async (id) => holderOf(await store.credentials.byId(id), onUse) })
  const named = createFresh({ now, read: async (key) => namedBy(await findAll(store, key), onUse) })
  const ids = createFresh({ now, read: () => listIds(store) })

  const judge = (token: string, holder: Holder | undefined): Judgement => {
    const hash = hashOf(token)
    if (isSame(hash, holder?.hash ?? NO_HASH) && holder) return holder.judgement
    return isSame(hash, adminHash) ? SETTINGS : { refused: 'unknown' }
  }
  return {
    known: (token) => {
      const holder = holders.get(idPlaceIn(token))
      if (holder) return judge(token, holder)
      const judgement = judge(token, undefined)
      return 'identity' in judgement || idIn(token) === undefined ? judgement : undefined
    },
    ask: async (token) => {
      const id = idIn(token)
      return judge(token, id === undefined ? undefined : await holders.ask(id))
    },
    again: ({ kind, credential }) => (kind === 'settings' ? SETTINGS : holders.get(credential)?.judgement),
    mayBeKnown: async (token) => {
      const known = ids.get('') ?? (await ids.ask(''))
      return known?.has(idPlaceIn(token)) ?? false
    },
    byNames: (names) => {
      const key = JSON.stringify(names.slice(0, MOST_NAMES))
      const known = named.get(key)
      return known ? known.identity : named.ask(key).then((found) => found?.identity)
    },
    forget: () => {
      for (const fresh of [holders, named, ids]) fresh.forget()
    },
  }
}

function holderOf(credential: Credential | undefined, onUse: DirectoryOptions['onUse']): Holder | undefined {
  if (credential?.hash === undefined) return undefined
  const { id, name, scopes, isExpired, revokedAt } = credential
  const hash = Buffer.from(credential.hash, 'hex')
  if (revokedAt !== undefined) return { hash, judgement: { refused: 'revoked', id } }
  if (isExpired) return { hash, judgement: { refused: 'expired', id } }
  onUse(credential)
  return { hash, judgement: { identity: { name, kind: 'token', credential: id, scopes } } }
}

async function findAll({ credentials }: Pick<Reads, 'credentials'>, key: string): Promise<Credential[]> {
  const names = (JSON.parse(key) as readonly string[]).filter(isCertificateName)
  return (await Promise.all(names.map((name) => credentials.byCertificate(name)))).flat()
}

/** Several credentials may be for one certificate: it may do what each of them may. */
function namedBy(credentials: readonly Credential[], onUse: DirectoryOptions['onUse']): Named {
  const [first] = credentials
  if (first === undefined) return { identity: undefined }
  for (const credential of credentials) onUse(credential)
  const scopes = [...new Set(credentials.flatMap((one) => one.scopes))]
  return { identity: { name: first.name, kind: 'certificate', credential: first.id, scopes } }
}

const IDS_AT_ONCE = 1000

async function listIds({ credentials }: Pick<Reads, 'credentials'>): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (let after = ''; ; ) {
    const page = await credentials.list({ after, limit: IDS_AT_ONCE })
    for (const { id } of page) ids.add(id)
    const last = page.at(-1)
    if (last === undefined || page.length < IDS_AT_ONCE) return ids
    after = last.id
  }
}
