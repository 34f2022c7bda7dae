import type { EndpointContract, SentParts } from '../../contracts/index.ts'
import type { Answer, AnswerOf } from './answer.ts'
import { CallBreaker } from './breaker.ts'
import { Deadline } from './deadline.ts'
import { CallFailed, CallRefused } from './errors.ts'
import { headersOf } from './headers.ts'
import { createOperations, type Operation } from './operation.ts'
import { type CallOptions, checkWholeNumbers, type HttpClientOptions, httpSettingsOf } from './options.ts'
import { checkedHeaders, type PlainHeaders } from './plain-headers.ts'
import { isRepeatable } from './retry.ts'
import { tryUntilAnswered } from './tries.ts'

/** Calls operations of one service. It holds no connection of its own and needs no closing. */
export type HttpClient = {
  /**
   * Sends a request and answers with what came back, both held against the contract. Rejects with `CallRefused` when nothing
   * was sent, `BreakerOpen` when nothing was sent by a try that the breaker stopped, `CallFailed` when there was no answer, `ResponseRefused` when it breaks the contract.
   */
  readonly call: <C extends EndpointContract>(contract: C, ...given: Given<C>) => Promise<AnswerOf<C>>
}

/** The parts may be left out where the contract describes none. */
type Given<C> =
  object extends SentParts<C>
    ? [parts?: SentParts<C>, options?: CallOptions]
    : [parts: SentParts<C>, options?: CallOptions]

/**
 * Creates a client of the service at a URL. Redirects are never followed: they would carry a request, with its credentials,
 * to where nobody meant it to go. Throws a TypeError for options that cannot work.
 */
export function httpClient(options: HttpClientOptions): HttpClient {
  const settings = httpSettingsOf(options)
  const breaker = settings.breaker && new CallBreaker(settings.origin, settings.breaker, settings.onBreak)
  const operationOf = createOperations(settings)

  const call = async (contract: EndpointContract, parts: unknown = {}, given: CallOptions = {}): Promise<Answer> => {
    const operation = operationOf(contract)
    const { request, findings } = operation.encode(parts)
    if (findings) {
      settings.onFinding({ contract: contract.name, side: 'request', findings })
      throw new CallRefused(operation.about, findings)
    }
    const { timeoutMs = settings.timeoutMs, signal } = given
    checkWholeNumbers({ timeoutMs }, '')
    using deadline = new Deadline(timeoutMs, signal)
    const { method } = contract
    const own =
      typeof settings.headers === 'function'
        ? await askHeaders(settings.headers, operation, deadline)
        : settings.headers
    return await tryUntilAnswered({
      url: settings.base + request.target,
      init: {
        method,
        headers: headersOf({ accept: operation.accept, ...own }, request, given),
        body: request.body ?? null,
        redirect: 'manual',
      },
      isRepeatable: isRepeatable(method, given.idempotencyKey),
      operation,
      deadline,
      breaker,
      settings,
    })
  }
  // what was checked against the contract has the contract's types
  return { call: call as HttpClient['call'] }
}

type AskHeaders = () => PlainHeaders | Promise<PlainHeaders>

async function askHeaders(ask: AskHeaders, { about }: Operation, deadline: Deadline): Promise<PlainHeaders> {
  try {
    return checkedHeaders(await deadline.race(Promise.resolve(ask())))
  } catch (error) {
    if (deadline.isGivenUp) throw deadline.reason
    throw deadline.isOver ? new CallFailed(about, 'call.timed-out', deadline.timeoutMs, error) : error
  }
}
