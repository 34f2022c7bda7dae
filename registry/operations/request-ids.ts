import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const TAKEN = /^[\w.-]{1,128}$/

/**
 * Makes what finds the id by which logs, audit and answers name a request: the one that came with it, or else a new one, which
 * no other process makes.
 */
export function createRequestIds(): (request: Pick<IncomingMessage, 'headers'>) => string {
  const prefix = randomBytes(8).toString('hex')
  let made = 0
  return ({ headers }) => {
    const given = headers['x-request-id']
    return typeof given === 'string' && TAKEN.test(given) ? given : `${prefix}-${++made}`
  }
}
