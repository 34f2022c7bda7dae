import { registryError } from '../../registry/errors.ts'
import { Refused, type RefusedExit } from '../refused.ts'
import { printable } from '../table.ts'

/** A problem as the registry tells it (RFC 9457), or in the form of the Schema Registry API, as the end of a command. */
export function refusalOf(url: string, status: number, body: unknown): Refused {
  if (isSchemaRegistryError(body)) {
    const { error_code: errorCode, message } = body
    return new Refused(exitFor(status), 'registry.refused', printable(message, LONG), { details: { errorCode } })
  }
  if (!isProblem(body)) {
    const { message } = registryError('registry.not-understood', { url, status })
    return new Refused('failed', 'registry.not-understood', message)
  }
  const { code, detail, title: _title, type: _type, status: _status, ...details } = body
  const near = Array.isArray(body.near) && body.near.length > 0 ? ` Did you mean ${listOf(body.near)}?` : ''
  const isSaid = near !== '' && /did you mean/i.test(detail)
  return new Refused(exitFor(status), code, printable(isSaid ? detail : detail + near, LONG), { details })
}

const LONG = 4000

type Problem = Readonly<Record<string, unknown>> & { readonly code: string; readonly detail: string }

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  )
}

type SchemaRegistryError = { readonly error_code: number; readonly message: string }

function isSchemaRegistryError(body: unknown): body is SchemaRegistryError {
  return (
    typeof body === 'object' &&
    body !== null &&
    'error_code' in body &&
    typeof body.error_code === 'number' &&
    // the bare number of an HTTP status says that the path is none of that API
    body.error_code > 999 &&
    'message' in body &&
    typeof body.message === 'string'
  )
}

function listOf(names: readonly unknown[]): string {
  return names
    .slice(0, 5)
    .map((name) => JSON.stringify(name))
    .join(' or ')
}

/** A conflict is an answer; what the caller named or sent, a token too, is the caller's to mend; the rest is the registry's. */
function exitFor(status: number): RefusedExit {
  if (status === 409) return 'no'
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? 'wrongUsage' : 'failed'
}
