import { guardHandler, routeHandlers } from 'concordat/producers'
import { FindVotes, PostVote } from './votes.contract.ts'

const votes: ('cats' | 'dogs')[] = []

export const handle: (request: Request) => Promise<Response> = routeHandlers([
  guardHandler(PostVote, ({ body }) => ({
    status: 201,
    body: { id: votes.push(body.option), option: body.option },
    headers: { 'cache-control': 'no-store' },
  })),
  guardHandler(FindVotes, ({ query: { option = ['cats', 'dogs'], limit = 100 } }) => ({
    status: 200,
    body: votes.filter((vote) => option.includes(vote)).slice(0, limit),
  })),
])
