import type { Message } from 'concordat/contracts'
import { type Producer, serve } from 'concordat/producers'
import type { RouteOptions } from 'fastify'
import type { Keys } from './keys.ts'
import { PostVote } from './post-vote.contract.ts'
import { requestIdOf } from './request-id.ts'
import type { Votes } from './votes.contract.ts'

/** The route that writes votes to the stream. It answers when Redis has confirmed. */
export function castVote(votes: Producer<Message<typeof Votes>>, keys: Keys): RouteOptions {
  return serve(PostVote, async ({ headers: { 'Idempotency-Key': key }, body: { option } }) => {
    const request_id = requestIdOf(key)
    if (key !== undefined && (await keys.isForAnother(request_id, option)))
      return { status: 422, body: { message: 'This Idempotency-Key stands for another vote; take a new one.' } }
    const stream_id = await votes.send({ option, timestamp: Date.now(), request_id })
    return { status: 201, body: { message: `Your vote for ${option} counts.`, option, stream_id } }
  })
}
