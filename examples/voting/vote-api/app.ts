import { randomUUID } from 'node:crypto'
import { explain, type Message } from 'concordat/contracts'
import { MessageRefused, type Producer, producer, SendFailed } from 'concordat/producers'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Redis } from 'ioredis'
import type { VoteAccepted, VoteRefused, VoteRequest, VoteUndecided } from './post-vote.contract.ts'
import { Votes } from './votes.contract.ts'

/** Builds the API that takes votes and writes them to the stream. It does not listen yet. */
export function buildVoteApi(redis: Redis): FastifyInstance {
  const app: FastifyInstance = Fastify()
  const votes = producer(redis, Votes)
  app.addHook('onClose', () => votes.close())
  app.setErrorHandler(refuse)
  // That the option is one of ours is the guard's to say: nothing that breaks the contract is written.
  app.post<{ Body: VoteRequest }>('/api/vote', { schema: { body: { type: 'object' } } }, async (request, reply) =>
    reply.code(201).send(await castVote(votes, request.body)),
  )
  return app
}

async function castVote(votes: Producer<Message<typeof Votes>>, { option }: VoteRequest): Promise<VoteAccepted> {
  const stream_id = await votes.send({ option, timestamp: Date.now(), request_id: randomUUID() })
  return { message: `Your vote for ${option} counts.`, option, stream_id }
}

function refuse(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof MessageRefused) return reply.code(400).send(refusal(error))
  if (error instanceof SendFailed)
    return reply
      .code(503)
      .header('retry-after', '1')
      .send({ message: error.message } satisfies VoteUndecided)
  if (error.statusCode === 400)
    return reply.code(400).send({ message: error.message, findings: [] } satisfies VoteRefused)
  return reply.send(error)
}

function refusal({ findings }: MessageRefused): VoteRefused {
  return {
    message: 'The vote breaks its contract; nothing was written.',
    findings: findings.map((finding) => ({ code: finding.code, at: finding.at, explanation: explain(finding) })),
  }
}
