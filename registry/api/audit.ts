import type { FastifyInstance } from 'fastify'
import type { Registry } from '../registry.ts'
import type { AuditRow } from '../store/access.ts'
import { answer } from './answers.ts'
import { cut, isNumber, malformed, oneOf, optional, pageOf, type Query } from './queries.ts'

/** Who has written or been refused, the latest first. */
export function serveAudit(app: FastifyInstance, { store }: Registry): void {
  app.get<{ Querystring: Query }>('/audit', async ({ query }, reply) => {
    const page = pageOf(query, isNumber)
    const filter = {
      who: optional(query, 'who'),
      action: optional(query, 'action'),
      outcome: oneOf(query, 'outcome', ['done', 'refused']),
      since: timeIn(query, 'since'),
      until: timeIn(query, 'until'),
    }
    const entries = await store.audit.latest(filter, { ...page, limit: page.limit + 1 })
    const { told, more } = cut({ entries, limit: page.limit, keyOf: ({ id }) => id })
    return answer(reply, { audit: told.map(tellRow), ...more })
  })
}

function tellRow({ at, ...row }: AuditRow) {
  return { ...row, at: new Date(at).toISOString() }
}

const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

function timeIn(query: Query, name: string): number | undefined {
  const text = optional(query, name)
  if (text === undefined) return undefined
  const time = MOMENT.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw malformed(`"${name}" is no moment such as 2026-01-31T12:00:00Z`)
  return time
}
