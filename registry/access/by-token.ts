import type { FastifyRequest } from 'fastify'
import type { CounterSeries } from '../../telemetry/index.ts'
import type { BadTokenGuard } from './bad-tokens.ts'
import type { Directory, Judgement } from './directory.ts'
import { ProvenHeaders } from './proven.ts'
import { tokenIn } from './sent-token.ts'
import { createSlowDown } from './slow-down.ts'

export type ByToken = {
  readonly directory: Directory
  readonly guard: BadTokenGuard
  readonly badTokens?: CounterSeries | undefined
}

type Done = (error?: Error) => void

/** Identifies requests by the token that they send, and refuses those whose token is bad. */
export function createByToken({ directory, guard, badTokens }: ByToken) {
  const slowDown = createSlowDown(guard)
  const proven = new ProvenHeaders()
  const settle = (request: FastifyRequest, judgement: Judgement, done: Done): void => {
    if ('identity' in judgement) {
      const { identity } = judgement
      proven.note(request.raw.socket, request.headers.authorization ?? '', identity)
      request.identity = identity
      return done()
    }
    badTokens?.add(1)
    request.log.info(judgement, 'A token was refused')
    slowDown(request, done)
  }
  return (request: FastifyRequest, authorization: string, done: Done): void => {
    const before = proven.find(request.raw.socket, authorization)
    const again = before && directory.again(before)
    if (again && 'identity' in again) {
      request.identity = again.identity
      return done()
    }
    const token = tokenIn(authorization)
    const known = directory.known(token)
    if (known) return settle(request, known, done)
    const asked = askFor(directory, token, guard.blockedMs(request.ip) > 0)
    void asked.then((judgement) => settle(request, judgement, done), done)
  }
}

/** From an address that has sent many bad tokens, one that nobody knows is not worth a question of its own. */
async function askFor(directory: Directory, token: string, isBlocked: boolean): Promise<Judgement> {
  if (isBlocked && !(await directory.mayBeKnown(token))) return { refused: 'unknown, one of many' }
  return directory.ask(token)
}
