import { compareSpecificity, compileMatch, type EndpointContract } from '../../contracts/index.ts'
import type { Answer, Handle } from './answer.ts'
import { RequestRefused } from './errors.ts'
import { type Broken, compileGuard, type OnBroken } from './guard.ts'
import { PROBLEM_TYPE, problemText, refusedText } from './problem.ts'
import type { WebGuard } from './web-guard.ts'
import { readWebRequest } from './web-request.ts'
import { answerToWeb } from './web-response.ts'

export type GuardHandlerOptions = {
  /** What becomes of a response that breaks its contract; `refuse` unless given. */
  readonly responses?: OnBroken
  /** How many bytes a body may have; 1,048,576 unless given. */
  readonly maxBodyBytes?: number
  /** Told of every request that was refused, and of every response that broke its contract. */
  readonly onFinding?: (broken: Broken, request: Request) => void
}

/** A guarded operation: answers any request, those for other paths and methods with 404 and 405. */
export type GuardedHandler = ((request: Request) => Promise<Response>) & { readonly contract: EndpointContract }

/**
 * Guards a handler of Web requests, for any framework that speaks them. What the handler throws is not caught. It answers
 * with status and body, or with a `Response` of its own, whose JSON is read and judged before it is sent.
 */
export function guardHandler<
  C extends EndpointContract,
  S extends number,
  T extends string,
  N extends number,
  B extends boolean,
>(
  contract: C,
  handle: Handle<C, [request: Request], Answer<C, S, T, N, B> | Response>,
  options: GuardHandlerOptions = {},
): GuardedHandler {
  const { responses = 'refuse', maxBodyBytes = 1_048_576, onFinding } = options
  if (!Number.isSafeInteger(maxBodyBytes) || maxBodyBytes < 0)
    throw new TypeError(`maxBodyBytes of ${contract.name} is ${maxBodyBytes}; give it a number of bytes.`)
  const web: WebGuard = {
    guard: compileGuard(contract),
    match: compileMatch(contract.path),
    maxBodyBytes,
    responses,
    tell: telling(onFinding),
  }
  const answer = async (request: Request): Promise<Response> => {
    if (!isMethodOf(contract, request.method)) return isPathOf(web, request) ? notAllowed([contract]) : notFound()
    const read = await readWebRequest(request, web)
    if (read === undefined) return notFound()
    if (read instanceof RequestRefused) return refusal(read, request, web)
    // decoded by the guard, and checked against this contract
    const answered = await handle(read.parts as Parameters<typeof handle>[0], request)
    return answerToWeb(answered, request, web)
  }
  return Object.assign(answer, { contract })
}

/** Whoever is told cannot stop an answer by throwing. */
function telling(onFinding: GuardHandlerOptions['onFinding']): WebGuard['tell'] {
  return (broken, request) => {
    try {
      onFinding?.(broken, request)
    } catch {
      // There is nobody left to tell.
    }
  }
}

function refusal(refused: RequestRefused, request: Request, { tell }: WebGuard): Response {
  const { contract, statusCode: status, findings } = refused
  tell({ contract, side: 'request', status, findings }, request)
  return new Response(refusedText(refused), { status, headers: PROBLEM })
}

/** Puts guarded handlers behind one function, which finds the one for a request's method and path. */
export function routeHandlers(handlers: readonly GuardedHandler[]): (request: Request) => Promise<Response> {
  const routes = handlers
    .toSorted((a, b) => compareSpecificity(a.contract.path, b.contract.path))
    .map((handler) => ({ handler, contract: handler.contract, match: compileMatch(handler.contract.path) }))
  return async (request) => {
    const { pathname } = new URL(request.url)
    const here = routes.filter(({ match }) => match(pathname) !== undefined)
    if (here.length === 0) return notFound()
    const exact = here.find(({ contract }) => contract.method === request.method)
    const found = exact ?? here.find(({ contract }) => isMethodOf(contract, request.method))
    return found ? found.handler(request) : notAllowed(here.map(({ contract }) => contract))
  }
}

/** A HEAD is answered by what answers the GET. */
function isMethodOf({ method }: EndpointContract, asked: string): boolean {
  return method === asked || (asked === 'HEAD' && method === 'GET')
}

function isPathOf({ match }: WebGuard, { url }: Request): boolean {
  return match(new URL(url).pathname) !== undefined
}

const PROBLEM = { 'content-type': PROBLEM_TYPE }

function notFound(): Response {
  return new Response(problemText(404, 'No contract has this path.'), { status: 404, headers: PROBLEM })
}

function notAllowed(contracts: readonly EndpointContract[]): Response {
  const methods = contracts.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  const allow = [...new Set(methods)].join(', ')
  const text = problemText(405, `This path is served for ${allow}.`)
  return new Response(text, { status: 405, headers: { ...PROBLEM, allow } })
}
