import type { StreamContract } from '../contracts/index.ts'
import { type Attributes, activeTraceparent, isTracing, type Span, startSpan } from '../telemetry/index.ts'
import type { Sends } from './producer.ts'

/**
 * The same ways of sending, with a span for each call where the application traces. Where the contract has a place for it,
 * messages carry the trace on, unless the caller gave a traceparent.
 */
export function traced<M>({ send, sendBatch }: Sends<M>, contract: StreamContract): Sends<M> {
  const isSilent = () => !isTracing() && contract.headers !== 'full'
  // Loads OpenTelemetry now, where it is there, rather than while the first message waits.
  isSilent()
  return {
    send: (message, options) => {
      if (isSilent()) return send(message, options)
      const span = begin(contract, {})
      return within(span, async () => {
        const id = await send(message, { ...options, ...placeOf(contract, options, span) })
        span?.set({ 'messaging.message.id': id })
        return id
      })
    },
    sendBatch: (messages, options) => {
      if (isSilent()) return sendBatch(messages, options)
      const span = begin(contract, { 'messaging.batch.message_count': messages.length })
      return within(span, () => sendBatch(messages, { ...options, ...placeOf(contract, options, span) }))
    },
  }
}

function begin({ stream }: StreamContract, attributes: Attributes): Span | undefined {
  return startSpan({
    name: `send ${stream}`,
    kind: 'producer',
    attributes: {
      'messaging.system': 'redis',
      'messaging.destination.name': stream,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      ...attributes,
    },
  })
}

type Placed = { readonly traceparent?: string }

/** The span's own place, or the active one where nobody records. */
function placeOf({ headers }: StreamContract, given: Placed | undefined, span: Span | undefined): Placed {
  if (headers !== 'full' || given?.traceparent !== undefined) return {}
  const traceparent = span?.traceparent ?? activeTraceparent()
  return traceparent === undefined ? {} : { traceparent }
}

function within<T>(span: Span | undefined, sending: () => Promise<T>): Promise<T> {
  return span === undefined ? sending() : span.run(() => untilEnd(span, sending))
}

async function untilEnd<T>(span: Span, sending: () => Promise<T>): Promise<T> {
  try {
    const answer = await sending()
    span.end()
    return answer
  } catch (error) {
    span.fail({ error })
    throw error
  }
}
