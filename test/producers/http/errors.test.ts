import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { endpoint } from '../../../contracts/index.ts'
import { buildApp, FindVotes } from './app.ts'

const problem = 'application/problem+json; charset=utf-8'

describe('an error that is thrown', () => {
  test.each<[string, unknown, number, number]>([
    ['is answered by Fastify as ever where the service failed', new Error('broken pipe'), 500, 0],
    [
      'is answered by Fastify as ever where the service is away',
      Object.assign(new Error('later'), { statusCode: 503 }),
      503,
      0,
    ],
    ['breaks the contract as an undeclared answer', Object.assign(new Error('who?'), { statusCode: 401 }), 500, 1],
  ])('%s', async (_, thrown, status, findings) => {
    const { app, told } = await buildApp([FindVotes], { routes: throwing(thrown) })
    expect((await app.inject('/polls/pets/votes')).statusCode).toBe(status)
    expect(told).toHaveLength(findings)
  })

  test('may be anything', async () => {
    const { app } = await buildApp([FindVotes], { routes: throwing('a text') })
    expect((await app.inject('/polls/pets/votes')).statusCode).toBe(500)
  })

  test("goes to the route's own handler, and then to the app's", async () => {
    const handled: string[] = []
    const { app } = await buildApp([FindVotes], {
      routes: (api) => {
        api.setErrorHandler((_error, _request, reply) => {
          handled.push('app')
          return reply.code(204).send()
        })
        api.get('/polls/:poll/votes', {
          errorHandler: (error) => {
            handled.push('route')
            throw error
          },
          handler: () => {
            throw new Error('x')
          },
        })
      },
    })
    expect((await app.inject('/polls/pets/votes')).statusCode).toBe(204)
    expect(handled).toEqual(['route', 'app'])
  })

  test('in a declared status is judged like any answer', async () => {
    const Failing = endpoint('Failing', { method: 'GET', path: '/f', responses: { 500: { sorry: Type.String() } } })
    const { app, told } = await buildApp([Failing], {
      routes: (api) =>
        api.get('/f', () => {
          throw new Error('x')
        }),
    })
    expect((await app.inject('/f')).headers['content-type']).toBe(problem)
    expect(told[0]?.findings.map(({ at }) => at)).toContain('/body/sorry')
  })
})

const throwing = (thrown: unknown) => (api: FastifyInstance) =>
  api.get('/polls/:poll/votes', () => {
    throw thrown
  })
