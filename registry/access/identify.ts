import type { FastifyInstance } from 'fastify'
import type { CounterSeries } from '../../telemetry/index.ts'
import { unaudited } from '../audit/at-work.ts'
import type { Store } from '../store/store.ts'
import { namesOf } from '../tls/client-certificate.ts'
import { type BadTokenGuard, createBadTokenGuard } from './bad-tokens.ts'
import { createByCertificate } from './by-certificate.ts'
import { createByToken } from './by-token.ts'
import { createDirectory, type Directory } from './directory.ts'
import { findForeign } from './foreign.ts'
import { ANONYMOUS, type Identity, LOCAL } from './identity.ts'
import { decorateIdentity } from './request-identity.ts'
import { Uses } from './uses.ts'

export type AccessOptions = {
  /** Open to everybody on this machine, who needs no token, or to whoever has a token. */
  readonly mode: 'open' | 'tokens'
  /** Whether who has no token may read. */
  readonly anonymousReads?: boolean | undefined
  /** A token that the settings name, which may do everything. */
  readonly adminToken?: string | undefined
  /** Pages from elsewhere that may reach a registry that is open. */
  readonly corsOrigins?: readonly string[] | undefined
  /** What counts bad tokens; in memory unless given. */
  readonly guard?: BadTokenGuard | undefined
  /** Milliseconds that only grow. */
  readonly now?: (() => number) | undefined
}

export type IdentifyOptions = AccessOptions & { readonly store: Store; readonly badTokens?: CounterSeries | undefined }

/** What is told when a credential has been changed here: others notice by themselves, a few seconds later. */
export type Identifying = Pick<Directory, 'forget'>

const READER: Identity = { ...ANONYMOUS, scopes: ['read'] }

/** Finds out who makes a request, before anything else is done for it. */
export function identify(app: FastifyInstance, options: IdentifyOptions): Identifying {
  const { mode, corsOrigins = [], badTokens, now = () => performance.now() } = options
  const { guard = createBadTokenGuard({ now }) } = options
  const isOpen = mode === 'open'
  const otherwise = isOpen ? LOCAL : options.anonymousReads ? READER : ANONYMOUS
  const directory = openDirectory(app, { ...options, now })
  const byToken = createByToken({ directory, guard, badTokens })
  const byCertificate = createByCertificate({ directory, corsOrigins, otherwise })
  decorateIdentity(app)
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.routeOptions.config.need === 'nothing') return done()
    const foreign = isOpen ? findForeign(request, corsOrigins) : undefined
    if (foreign) return done(foreign)
    const { authorization } = request.headers
    if (authorization) return byToken(request, authorization, done)
    const names = namesOf(request.raw.socket)
    if (names.length > 0) return byCertificate(request, names, done)
    request.identity = otherwise
    done()
  })
  return directory
}

type Opening = Pick<IdentifyOptions, 'store' | 'adminToken'> & { readonly now: () => number }

function openDirectory(app: FastifyInstance, { store, adminToken, now }: Opening): Directory {
  const uses = new Uses({
    write: (ids) => unaudited(() => store.write(({ credentials }) => credentials.touch(ids))),
    onError: (error) => app.log.warn(error, 'When tokens were used last could not be noted'),
  })
  app.addHook('onClose', () => uses.close())
  return createDirectory({ store, now, adminToken, onUse: (used) => uses.note(used) })
}
