import { withoutTokens } from './access/token.ts'

/** Members whose value is for nobody who reads a log, whatever they stand in. */
const HIDDEN = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'idempotency-key',
  'idempotencyKey',
  'token',
  'adminToken',
  'password',
  'passphrase',
]

const TEXT = '"(?:[^"\\\\]|\\\\.)*"'
const MEMBERS = new RegExp(`("(?:${HIDDEN.join('|')})":)(?:${TEXT}|\\[(?:${TEXT},?)*\\])`, 'gi')
const CREDENTIALS = /\b(Bearer|Basic) [\w.~+/=-]{8,}/gi
const USER_INFO = /(:\/\/)[^\s/@":]*:[^\s/@"]*@/g

/** A line of the log without the secrets in it. We write none there: this is for what an error from elsewhere carries along. */
export function withoutSecrets(line: string): string {
  return withoutTokens(line)
    .replace(MEMBERS, '$1"[redacted]"')
    .replace(CREDENTIALS, '$1 [redacted]')
    .replace(USER_INFO, '$1[redacted]@')
}

/** A stream for a logger, in front of another one. */
export function redacting(stream: { write: (line: string) => unknown }): { write: (line: string) => void } {
  return { write: (line) => void stream.write(withoutSecrets(line)) }
}
