import { type Static, Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { createId, withoutTokens } from '../access/token.ts'
import { createCredential, revokeCredential, TOKEN_LIMITS, tellCredential } from '../access/tokens.ts'
import { noteAudit } from '../audit/at-work.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import { shown } from '../unicode.ts'
import { answer } from './answers.ts'
import { cut, pageOf, type Query } from './queries.ts'

export const TokenRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: TOKEN_LIMITS.nameLength }),
    scopes: Type.Array(Type.String({ minLength: 1, maxLength: TOKEN_LIMITS.scopeLength }), {
      minItems: 1,
      maxItems: TOKEN_LIMITS.scopes,
    }),
    expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: TOKEN_LIMITS.expirySeconds })),
    certificate: Type.Optional(Type.String({ minLength: 1, maxLength: TOKEN_LIMITS.certificateLength })),
  },
  { additionalProperties: false },
)

type TokenPath = { readonly id: string }

/** Tokens and whose they are. What is told of them never holds the token but in the answer that makes it. */
export function serveTokens(app: FastifyInstance, { store }: Pick<Registry, 'store'>, onChange: () => void): void {
  app.post<{ Body: Static<typeof TokenRequest> }>(
    '/tokens',
    { schema: { body: TokenRequest } },
    async ({ body, identity }, reply) => {
      const id = createId()
      noteAudit({ id, ...body })
      const { credential, token } = await createCredential(store, body, { by: identity.name, id })
      onChange()
      reply.code(201).header('cache-control', 'no-store')
      return answer(reply, { ...tellCredential(credential), ...(token !== undefined && { token }) })
    },
  )
  app.get<{ Querystring: Query }>('/tokens', async ({ query }, reply) => {
    const page = pageOf(query, isId)
    const entries = await store.credentials.list({ ...page, limit: page.limit + 1 })
    const { told, more } = cut({ entries, limit: page.limit, keyOf: ({ id }) => id })
    return answer(reply, { tokens: told.map(tellCredential), ...more })
  })
  app.get<{ Params: TokenPath }>('/tokens/:id', async ({ params: { id } }, reply) => {
    const credential = isId(id) ? await store.credentials.byId(id) : undefined
    if (credential === undefined) throw unknown(id)
    return answer(reply, tellCredential(credential))
  })
  app.delete<{ Params: TokenPath }>('/tokens/:id', async ({ params: { id } }, reply) => {
    if (!isId(id)) throw unknown(id)
    const revoked = await revokeCredential(store, id)
    onChange()
    return answer(reply, tellCredential(revoked))
  })
}

function unknown(id: string): Error {
  return registryError('token.unknown', { id: shown(withoutTokens(id)) })
}

/** A database may not even be asked for what is no text of its own, such as NUL. */
function isId(id: unknown): id is string {
  return typeof id === 'string' && /^[a-z2-7]{12}$/.test(id)
}
