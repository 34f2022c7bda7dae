import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { withoutTokens } from '../access/token.ts'
import { REPLAYED } from '../limits/answer-once.ts'
import { isGate, isOnlyAsking } from '../limits/routes.ts'
import type { AuditEntry } from '../store/access.ts'
import type { Store } from '../store/store.ts'
import { unaudited, workAs } from './at-work.ts'
import { Refusals } from './refusals.ts'

/**
 * Every write leaves a row, in its own transaction, and so does every refusal. `store` is the one whose writes take along
 * the row of the request at work; what a write that changed nothing would say, no row says.
 */
export function keepAudit(app: FastifyInstance, store: Store, onRows: (rows: number) => void = () => {}): void {
  const refusals = new Refusals({
    write: async (entries) => {
      await unaudited(() => store.write(({ audit }) => audit.append(entries)))
      onRows(entries.length)
    },
    onError: (error) => app.log.error(error, 'Refusals could not be written to the audit'),
  })
  // After the body has been read, whose events would lose it.
  app.addHook('preHandler', (request, _reply, done) => {
    if (isReading(request)) return done()
    workAs({ entry: entryOf(request, 'done'), isKept: false }, done)
  })
  // Not once it has been sent, which it never is to somebody who has gone.
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (isRefusal(request, reply)) refusals.add(refusalOf(request, reply.statusCode))
    done()
  })
  app.addHook('onClose', () => refusals.close())
}

function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** Who is not let in, or not now, is refused, and so is a write that cannot be as it is asked for. */
function isRefusal(request: FastifyRequest, reply: FastifyReply): boolean {
  const { statusCode } = reply
  // What is only told once more has its row.
  if (statusCode < 400 || statusCode >= 500 || reply.hasHeader(REPLAYED)) return false
  if (statusCode === 401 || statusCode === 403 || statusCode === 429) return true
  const { url = '', config } = request.routeOptions
  if (isGate({ method: request.method, url })) return !isOnlyAsking(request)
  const { need } = config
  return need !== undefined && need !== 'nothing' && need !== 'read'
}

const LONGEST_ACTION = 2300

function entryOf(request: FastifyRequest, outcome: AuditEntry['outcome'], path = pathOf(request)): AuditEntry {
  const { method, ip, id, identity } = request
  const { name, credential } = identity
  return {
    who: name,
    credential,
    action: `${method} ${path}`.slice(0, LONGEST_ACTION),
    outcome,
    address: ip,
    requestId: id,
    count: 1,
  }
}

/** What strangers make up, and what comes too often, is not told apart: such refusals are counted by route. */
function refusalOf(request: FastifyRequest, status: number): AuditEntry {
  const isByRoute = request.identity.kind === 'anonymous' || status === 429
  const path = isByRoute ? (request.routeOptions.url ?? '(unknown)') : pathOf(request)
  return { ...entryOf(request, 'refused', path), status }
}

/** The path as it is meant, since whoever asks may write the same one in many ways. */
function pathOf({ routeOptions, params }: FastifyRequest): string {
  const values = params as Readonly<Record<string, string>>
  const path = (routeOptions.url ?? '(unknown)').replace(/:(\w+)/g, (_, name) => encodeURIComponent(values[name] ?? ''))
  return withoutTokens(path)
}
