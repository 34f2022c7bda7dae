import { type Broken, guardRoutes, serve } from 'concordat/producers'
import Fastify, { type FastifyInstance } from 'fastify'
import { FindVotes, PostVote } from './votes.contract.ts'

export async function buildApp(
  votes: ('cats' | 'dogs')[],
  onFinding: (broken: Broken) => void,
): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(guardRoutes, { serves: [PostVote, FindVotes], onFinding })

  app.route(
    serve(PostVote, ({ path, body }) => {
      if (path.poll !== 'pets') return { status: 404, body: { message: 'There is no such poll.' } }
      return { status: 201, body: { id: votes.push(body.option), option: body.option } }
    }),
  )

  // a handler of your own is guarded as well
  app.get('/polls/:poll/votes', (_request, reply) => (votes.length > 0 ? reply.send(votes) : reply.code(204).send()))
  return app
}
