import { openapi } from 'concordat/contracts'
import { guardRoutes, serve } from 'concordat/producers'
import Fastify, { type FastifyInstance } from 'fastify'
import { CastVote } from '../calling-http/cast-vote.contract.ts'

/** Builds the vote API, which describes itself at /openapi.json. It does not listen yet. */
export async function buildApp(closedPolls: ReadonlySet<number>): Promise<FastifyInstance> {
  const app = Fastify()
  const serves = [CastVote]
  await app.register(guardRoutes, { serves })
  let votes = 0
  app.route(
    serve(CastVote, ({ path }) =>
      closedPolls.has(path.poll)
        ? { status: 409, body: { why: 'The poll is closed.' } }
        : { status: 201, body: { id: ++votes } },
    ),
  )
  const document = openapi({ title: 'vote-api', version: '1.0.0', serves })
  app.get('/openapi.json', () => document)
  return app
}
