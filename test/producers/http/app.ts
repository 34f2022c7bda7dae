import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { onTestFinished } from 'vitest'
import type { EndpointContract } from '../../../contracts/index.ts'
import { endpoint } from '../../../contracts/index.ts'
import { type Broken, type GuardRoutesOptions, guardRoutes } from '../../../producers/index.ts'

export const Vote = { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]) }

export const PostVote = endpoint('PostVote', {
  method: 'POST',
  path: '/polls/{poll}/votes',
  request: { path: { poll: Type.String() }, body: Vote },
  responses: { 201: { id: Type.Integer(), option: Type.String() }, 404: { message: Type.String() } },
})

export const FindVotes = endpoint('FindVotes', {
  method: 'GET',
  path: '/polls/{poll}/votes',
  request: {
    path: { poll: Type.String() },
    query: { tag: Type.Optional(Type.Array(Type.String())), limit: Type.Optional(Type.Integer()) },
    headers: { 'X-Request-Id': Type.Optional(Type.String()) },
  },
  responses: { 200: { votes: Type.Array(Type.Integer()) }, 204: null },
})

export type Guarded = { readonly app: FastifyInstance; readonly told: Broken[] }

type Build = Omit<GuardRoutesOptions, 'serves'> & {
  readonly fastify?: FastifyServerOptions
  readonly routes: (app: FastifyInstance) => unknown
}

/** A ready app whose routes serve these contracts, and what its guard tells. */
export async function buildApp(
  serves: readonly EndpointContract[],
  { routes, fastify, ...options }: Build,
): Promise<Guarded> {
  const app = Fastify(fastify)
  onTestFinished(() => app.close())
  const told: Broken[] = []
  await app.register(guardRoutes, { serves, onFinding: (broken) => told.push(broken), ...options })
  await routes(app)
  await app.ready()
  return { app, told }
}
