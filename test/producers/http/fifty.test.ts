import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { endpoint } from '../../../contracts/index.ts'
import { serve } from '../../../producers/index.ts'
import { buildApp, Vote } from './app.ts'

test.each(['refuse', 'report'] as const)(
  'fifty routes under %s: what keeps its contract passes, what breaks it is caught',
  async (responses) => {
    const contracts = Array.from({ length: 50 }, (_, i) =>
      endpoint(`Operation${i}`, {
        method: i % 2 === 0 ? 'POST' : 'GET',
        path: `/things${i}/{id}`,
        request: {
          path: { id: Type.Integer() },
          ...(i % 2 === 0 ? { body: Vote } : { query: { a: Type.Optional(Type.Boolean()) } }),
        },
        responses: { 200: { [`field${i}`]: Type.Integer() } },
      }),
    )
    const { app, told } = await buildApp(contracts, {
      responses,
      routes: (api) => {
        for (const [i, contract] of contracts.entries())
          api.route(
            serve(contract, ({ path }) => ({
              status: 200,
              body: { [`field${i}`]: path.id === 0 ? Number.NaN : 1 },
            })),
          )
      },
    })
    const send = (i: number, id: string) =>
      app.inject({
        method: i % 2 === 0 ? 'POST' : 'GET',
        url: `/things${i}/${id}`,
        ...(i % 2 === 0 && { payload: { option: 'cats' } }),
      })
    const statuses = await Promise.all(
      contracts.map(async (_, i) => [
        (await send(i, '1')).statusCode,
        (await send(i, 'x')).statusCode,
        (await send(i, '0')).statusCode,
      ]),
    )
    const broken = responses === 'refuse' ? 500 : 200
    expect(statuses).toEqual(contracts.map(() => [200, 400, broken]))
    expect(
      told
        .filter(({ side }) => side === 'response')
        .map(({ contract }) => contract)
        .sort(),
    ).toEqual(contracts.map(({ name }) => name).sort())
  },
)
