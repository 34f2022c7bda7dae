import {
  compileResponseCheck,
  type EndpointContract,
  type Finding,
  isJsonType,
  parseBody,
  type ResponseOf,
} from '../../contracts/index.ts'
import { discard, readBytes } from './body.ts'
import type { Deadline } from './deadline.ts'
import { type About, type ResponseReason, ResponseRefused } from './errors.ts'
import type { HttpSettings } from './options.ts'

/** What came back: one of the contract's statuses, with the body that it declares. */
export type AnswerOf<C> =
  ResponseOf<C> extends infer R ? (R extends Pick<Answer, 'status'> ? R & Came<R> : never) : never

type Came<R extends Pick<Answer, 'status'>> = Pick<Answer, 'headers'> &
  (R extends { readonly body: unknown } ? unknown : number extends R['status'] ? Bytes : Required<Bytes>)

type Bytes = Pick<Answer, 'bytes'>

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body?: unknown
  /** The body as it came, where the contract declares no JSON. */
  readonly bytes?: Uint8Array
}

export type ReadAnswer = (response: Response, deadline: Deadline) => Promise<Answer>

/** How the responses of a contract are asked for and read. */
export type Reading = { readonly accept: string; readonly read: ReadAnswer }

/** Compiles the reading side of a contract's responses. Throws a TypeError for a contract that no response can keep. */
export function compileReading(about: About, { maxBodyBytes, onFinding }: HttpSettings): Reading {
  const { contract } = about
  const check = compileResponseCheck(contract, 'reads')
  const withJson = Object.keys(contract.responses).filter((status) => check.expects(Number(status)) === 'json')
  refuseBodyOfHead(contract, withJson)
  const refused = (code: ResponseReason, status: number, findings: readonly Finding[] = []): ResponseRefused => {
    onFinding({ contract: contract.name, side: 'response', status, findings })
    return new ResponseRefused(about, code, { status, findings })
  }
  const read: ReadAnswer = async (response, deadline) => {
    const { status, headers } = response
    const expected = check.expects(status)
    const contentType = headers.get('content-type')
    if (expected === 'undeclared') {
      discard(response)
      throw refused('response.status-undeclared', status, check.findings(status, undefined))
    }
    if (expected === 'json' && contentType !== null && !isJsonType(contentType)) {
      discard(response)
      throw refused('response.not-json', status, [notJson(contentType)])
    }
    const bytes = await readBytes(response, maxBodyBytes, deadline)
    if (bytes === undefined) throw refused('response.too-large', status)
    if (expected === 'no-json') return { status, headers, bytes }
    if (contentType === null && bytes.length > 0) throw refused('response.not-json', status, [notJson(null)])
    const { value: body, findings } = parseBody(bytes)
    if (findings) throw refused('response.malformed', status, findings)
    if (!check.accepts(status, body)) throw refused('response.breaks-contract', status, check.findings(status, body))
    return { status, headers, body }
  }
  return { accept: withJson.length > 0 ? 'application/json' : '*/*', read }
}

function refuseBodyOfHead({ name, method }: EndpointContract, [status]: readonly string[]): void {
  if (method === 'HEAD' && status !== undefined)
    throw new TypeError(
      `${name} cannot be called: it declares a body for ${status}, and HEAD is answered without one; write ${status}: null.`,
    )
}

function notJson(contentType: string | null): Finding {
  return { code: 'body.not-json', at: '/body', writer: { pointer: '/body', value: contentType } }
}
