import {
  compileRequestDecode,
  compileResponseCheck,
  type DecodeRequest,
  type EndpointContract,
  type Finding,
  isJsonType,
  parseBody,
  parseBodyText,
  type ResponseCheck,
} from '../../contracts/index.ts'

/** Something that broke its contract: a request that was refused, or a response of the service itself. */
export type Broken = {
  /** The contract's name. */
  readonly contract: string
  readonly side: 'request' | 'response'
  /** Of a refused request the status of its answer; of a response its own. */
  readonly status: number
  readonly findings: readonly Finding[]
}

/**
 * What becomes of a response that breaks its contract: `refuse` sends a problem with status 500 in its place, `report` sends
 * it as it is. `onFinding` is told either way.
 */
export type OnBroken = 'refuse' | 'report'

/** A contract made ready to judge requests and responses. */
export type Guard = {
  readonly contract: EndpointContract
  /** The parts of a request that the contract describes. */
  readonly reads: ReadonlySet<string>
  readonly decode: DecodeRequest
  readonly responses: ResponseCheck
}

export function compileGuard(contract: EndpointContract): Guard {
  const { root } = contract.request
  const described = typeof root === 'object' ? root.properties : undefined
  return {
    contract,
    reads: new Set(Object.keys(described ?? {})),
    decode: compileRequestDecode(contract),
    responses: compileResponseCheck(contract, 'writes'),
  }
}

export const STREAM: unique symbol = Symbol('stream')

/** A response as it is about to be sent. */
export type Outgoing = {
  readonly status: number
  readonly contentType: string
  /** The very bytes or text; STREAM where nobody knows them yet, undefined where there are none. */
  readonly payload: string | Uint8Array | typeof STREAM | undefined
  /** The contract's own writer made the text of this status, so that it need not be parsed. */
  readonly isVouched?: boolean
  readonly isHead: boolean
}

const STREAMED: readonly Finding[] = [{ code: 'body.streamed', at: '/body' }]
const NONE: readonly Finding[] = []

/** Judges a response by what goes on the wire. */
export function judgeResponse({ responses }: Guard, outgoing: Outgoing): readonly Finding[] {
  const { status, contentType, payload, isHead } = outgoing
  const expected = responses.expects(status)
  if (expected === 'undeclared') return responses.findings(status, undefined)
  if (isHead || BODILESS.has(status)) return NONE
  const isEmpty = payload === undefined || (payload !== STREAM && payload.length === 0)
  if (isEmpty) return responses.findings(status, undefined)
  const saysJson = isJsonType(contentType)
  if (expected === 'no-json') return saysJson && payload !== STREAM ? responses.findings(status, null) : NONE
  if (!saysJson && contentType !== '')
    return [{ code: 'body.not-json', at: '/body', writer: { pointer: '/body', value: contentType } }]
  if (payload === STREAM) return STREAMED
  if (outgoing.isVouched) return NONE
  const { value, findings } = typeof payload === 'string' ? parseBodyText(payload) : parseBody(payload)
  if (findings) return findings
  return responses.accepts(status, value) ? NONE : responses.findings(status, value)
}

/** The statuses whose body nobody sends, whatever was given for it. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])
