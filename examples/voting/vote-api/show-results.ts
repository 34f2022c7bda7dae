import { serve } from 'concordat/producers'
import type { RouteOptions } from 'fastify'
import type { VotesDatabase } from '../database/votes-database.ts'
import { GetResults } from './results.contract.ts'
import { resultsOf } from './results.ts'

/** The route that answers how the vote stands. */
export function showResults(database: VotesDatabase): RouteOptions {
  return serve(GetResults, async () => ({
    status: 200,
    body: resultsOf(await database.readTotals()),
    headers: { 'cache-control': 'public, max-age=1' },
  }))
}
