import { Type } from '@sinclair/typebox'
import { TokenRequest } from '../api/tokens.ts'
import type { Operations } from './operation.ts'
import { PAGE } from './own-parameters.ts'
import { text, word } from './parameters.ts'
import { AnyObject, Id, NEXT, oneOf, optional, refer, Texts, Time } from './schemas.ts'

const Token = {
  id: Type.String(),
  name: Type.String(),
  scopes: Texts,
  certificate: optional(Type.String()),
  by: Type.String(),
  state: oneOf(['good', 'expired', 'revoked']),
  createdAt: Time,
  expiresAt: optional(Time),
  revokedAt: optional(Time),
  usedAt: optional(Time),
}

/** What is told of tokens, and of who has done what. */
export const ACCESS_SCHEMAS = {
  TokenRequest,
  Token: Type.Object(Token),
  NewToken: Type.Object({
    ...Token,
    token: optional(Type.String({ description: 'The token itself, which nobody can tell later.' })),
  }),
  AuditRow: Type.Object({
    id: Id,
    at: Time,
    who: Type.String(),
    credential: Type.String(),
    action: Type.String(),
    outcome: oneOf(['done', 'refused']),
    status: optional(Type.Integer()),
    address: optional(Type.String()),
    requestId: optional(Type.String()),
    details: optional(AnyObject),
    count: Id,
  }),
}

/** Who may do what, and who has done what. */
export const ACCESS: Operations = {
  'GET /api/tokens': {
    id: 'listTokens',
    summary: 'Lists tokens, without what is secret of them',
    query: PAGE,
    answers: {
      200: { description: 'Tokens.', schema: Type.Object({ tokens: Type.Array(refer('Token')), ...NEXT }) },
    },
  },
  'POST /api/tokens': {
    id: 'createToken',
    summary: 'Makes a token, or lets a client certificate stand for one',
    body: { schema: 'TokenRequest', examples: { 'a pipeline': { name: 'vote-api-ci', scopes: ['publish:vote-api'] } } },
    answers: { 201: { description: 'The token, which is told this once.', schema: refer('NewToken') } },
  },
  'GET /api/tokens/:id': {
    id: 'getToken',
    summary: 'Gets what is told of a token',
    answers: { 200: { description: 'The token.', schema: refer('Token') } },
    refusals: [404],
  },
  'DELETE /api/tokens/:id': {
    id: 'revokeToken',
    summary: 'Revokes a token',
    answers: { 200: { description: 'The token.', schema: refer('Token') } },
    refusals: [404],
  },
  'GET /api/audit': {
    id: 'listAudit',
    summary: 'Lists who has written or been refused, the latest first',
    query: [
      text('who', 'Only what they did.', 'kim'),
      text('action', 'Only actions that begin with this.', 'POST /subjects'),
      word('outcome', 'Only what was done, or what was refused.', ['done', 'refused']),
      text('since', 'Only from this moment on.', '2026-01-31T12:00:00Z'),
      text('until', 'Only up to this moment.', '2036-01-31'),
      ...PAGE,
    ],
    answers: {
      200: { description: 'What was done.', schema: Type.Object({ audit: Type.Array(refer('AuditRow')), ...NEXT }) },
    },
  },
}
