import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import type { EndpointContract } from '../../../contracts/index.ts'
import { guardRoutes, partsOf } from '../../../producers/index.ts'
import { FindVotes, PostVote } from './app.ts'

describe('an app is not ready', () => {
  test.each<[string, () => Promise<void>, string]>([
    [
      'while a contract has no route',
      register([PostVote], () => undefined),
      'No route was registered, after the guard, for PostVote (POST /polls/{poll}/votes)',
    ],
    [
      'while only another method is there',
      register([PostVote], (app) => app.get('/polls/:poll/votes', handler)),
      'PostVote',
    ],
    [
      'with a second route for a contract',
      register([PostVote], (app) => {
        app.post('/polls/:poll/votes', handler)
        app.post('/polls/:name/votes', { constraints: { version: '2.0.0' } }, handler)
      }),
      'PostVote has a route already',
    ],
    [
      'with two contracts of one operation',
      register([PostVote, { ...PostVote, name: 'Again' }], () => undefined),
      'Two contracts say the same operation',
    ],
    [
      'with one route for methods of two contracts',
      register([PostVote, FindVotes], (app) => app.route({ method: ['GET', 'POST'], url: '/polls/:p/votes', handler })),
      'Not all methods of the route GET, POST /polls/:p/votes have the same contract',
    ],
  ])('%s', async (_, ready, words) => {
    await expect(ready()).rejects.toThrow(words)
  })

  test('and partsOf says so for a route that is not guarded', async () => {
    const app = Fastify()
    app.get('/x', (request) => partsOf(FindVotes, request))
    expect((await app.inject('/x')).json()).toMatchObject({
      message: expect.stringContaining('is not guarded by FindVotes') as string,
    })
  })
})

const register = (serves: readonly EndpointContract[], routes: (app: FastifyInstance) => unknown) => async () => {
  const app = Fastify()
  await app.register(guardRoutes, { serves })
  await routes(app)
  await app.ready()
}
const handler = () => ({})
