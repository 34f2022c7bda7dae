import { type Finding, isJsonType, serialize } from '../../contracts/index.ts'
import { type Guard, judgeResponse, type Outgoing, STREAM } from './guard.ts'
import { brokenText, PROBLEM_TYPE } from './problem.ts'
import type { WebAnswer, WebGuard } from './web-guard.ts'

/** Makes a response of what a handler answered, once it has been judged by what it says on the wire. */
export async function answerToWeb(answer: Response | WebAnswer, request: Request, web: WebGuard): Promise<Response> {
  const { guard, responses, tell } = web
  const isHead = request.method === 'HEAD'
  const made = answer instanceof Response ? await fromResponse(answer) : fromAnswer(answer, guard)
  const contract = guard.contract.name
  const findings = made.findings ?? judgeResponse(guard, { ...made, isHead })
  if (findings.length > 0) tell({ contract, side: 'response', status: made.status, findings }, request)
  // what has no JSON cannot be sent, whatever is wanted
  if (made.findings || (findings.length > 0 && responses === 'refuse')) {
    // nobody waits for the end of a stream that is not sent
    if (made.body instanceof ReadableStream) made.body.cancel().catch(() => undefined)
    return new Response(isHead ? null : brokenText(contract), {
      status: 500,
      headers: { 'content-type': PROBLEM_TYPE },
    })
  }
  const body = isHead || NO_BODY.has(made.status) ? null : made.body
  return new Response(body, { status: made.status, headers: made.headers })
}

/** The statuses for which a `Response` takes no body. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304])

type Made = Omit<Outgoing, 'isHead'> & {
  readonly headers: Headers
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream | null
  /** What stands against sending it at all. */
  readonly findings?: readonly Finding[]
}

async function fromResponse(response: Response): Promise<Made> {
  const { status, headers, body } = response
  const contentType = headers.get('content-type') ?? ''
  const common = { status, headers, contentType }
  if (body === null) return { ...common, payload: undefined, body: null }
  if (!isJsonType(contentType) || headers.has('content-encoding')) return { ...common, payload: STREAM, body }
  const bytes = new Uint8Array(await response.arrayBuffer())
  return { ...common, payload: bytes, body: bytes }
}

function fromAnswer({ status, body, headers: given = {} }: WebAnswer, { responses }: Guard): Made {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) for (const one of [value].flat()) headers.append(name, one)
  const common = { status, headers }
  if (body === undefined) return { ...common, contentType: '', payload: undefined, body: null }
  if (body instanceof ReadableStream) return { ...common, contentType: '', payload: STREAM, body }
  if (!headers.has('content-type')) headers.set('content-type', 'application/json; charset=utf-8')
  const contentType = headers.get('content-type') ?? ''
  try {
    const written = responses.write(status, body)
    if (written !== undefined) return { ...common, contentType, payload: written, body: written, isVouched: true }
    const { text } = serialize(body) ?? {}
    if (text !== undefined) return { ...common, contentType, payload: text, body: text }
  } catch (error) {
    if (error instanceof RangeError) return { ...common, contentType, ...unsendable('value.too-deep') }
  }
  return { ...common, contentType, ...unsendable('value.not-json') }
}

function unsendable(code: Finding['code']): Pick<Made, 'payload' | 'body' | 'findings'> {
  return { payload: undefined, body: null, findings: [{ code, at: '/body' }] }
}
