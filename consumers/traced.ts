import type { StreamContract } from '../contracts/index.ts'
import type { DeadReason } from '../streams/index.ts'
import { type Failure, isTracing, type Span, startSpan } from '../telemetry/index.ts'
import { type Call, type Ending, whenOver } from './call.ts'
import { isLastTry, type RetryOptions } from './retry.ts'
import type { Work } from './work.ts'

export type TracingParts = {
  readonly contract: StreamContract
  readonly group: string
  readonly retry: RetryOptions
  /** Whether the handler takes batches: their spans point to where each message comes from. */
  readonly takesBatches: boolean
}

export type Tracing = {
  /** The same call, in a span of its own where the application traces. */
  readonly around: (call: Call) => Call
  /** Tells of a message that was parked without its handler being called. */
  readonly parked: (work: Work, reason: DeadReason) => void
}

/** Spans around the handler, as a part of the trace that the producer of a message began. */
export function createTracing(parts: TracingParts): Tracing {
  /** What the span of its last call has said. */
  const told = new WeakSet<Work>()

  const end = (span: Span, works: readonly Work[], ending: Ending) => {
    if (!('error' in ending)) return span.end()
    const { error } = ending
    const [work] = works
    const isParked = works.length === 1 && work !== undefined && isLastTry(work.attempt, error, parts.retry)
    if (!isParked) return span.fail({ error })
    told.add(work)
    failAsParked(span, { reason: 'handler_error', error })
  }
  // Loads OpenTelemetry now, where it is there, rather than while the first message waits.
  isTracing()
  return {
    around: (call) => (works) => {
      const span = isTracing() ? begin(parts, works) : undefined
      if (span === undefined) return call(works)
      return span.run(() =>
        whenOver(
          () => call(works),
          (ending) => end(span, works, ending),
        ),
      )
    },
    parked: (work, reason) => {
      if (told.has(work) || !isTracing()) return
      const span = begin(parts, [work])
      if (span) failAsParked(span, { reason })
    },
  }
}

function begin({ contract, group, takesBatches }: TracingParts, works: readonly Work[]): Span | undefined {
  const { stream } = contract
  const traceparents = contract.headers === 'off' ? [] : works.flatMap(traceparentIn)
  const [work] = works
  const attributes = {
    'messaging.system': 'redis',
    'messaging.destination.name': stream,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': group,
    ...(takesBatches
      ? { 'messaging.batch.message_count': works.length }
      : work && { 'messaging.message.id': work.entry.id, 'concordat.attempt': work.attempt }),
  }
  return startSpan({
    name: `process ${stream}`,
    kind: 'consumer',
    attributes,
    ...(takesBatches ? { parent: undefined, links: traceparents } : { parent: traceparents[0] }),
  })
}

function failAsParked(span: Span, failure: Failure & { readonly reason: DeadReason }): void {
  span.set({ 'concordat.dead_letter.reason': failure.reason })
  span.fail(failure)
}

function traceparentIn({ entry: { fields } }: Work): string[] {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === '_tp') return [fields[i + 1] ?? '']
  return []
}
