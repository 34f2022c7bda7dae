import { createRequire } from 'node:module'
import type * as OpenTelemetry from '@opentelemetry/api'
import { parseTraceparent, type TracePlace, writeTraceparent } from './traceparent.ts'

/** What a span is to say from its beginning. */
export type SpanAbout = {
  readonly name: string
  readonly kind: 'producer' | 'consumer' | 'server'
  readonly attributes: Attributes
  /** The traceparent below which it stands; it begins a trace where that is none. Left out, it stands below the active span. */
  readonly parent?: string | undefined
  /** Traceparents to which it points; what is none is left out. */
  readonly links?: readonly string[]
}

/** Names and values, never a payload's. */
export type Attributes = { readonly [name: string]: string | number }

/** A span of the application's own tracing. */
export type Span = {
  /** Its place, for whoever goes on with the trace; undefined where the tracer gives it none. */
  readonly traceparent: string | undefined
  /** Runs something with the span as the active one, also in what it awaits. */
  readonly run: <T>(work: () => T) => T
  readonly set: (attributes: Attributes) => void
  readonly end: () => void
  readonly fail: (failure: Failure) => void
}

/** How something failed: an error, which is recorded with its words, or the name of a reason, or both. */
export type Failure = { readonly error?: unknown; readonly reason?: string }

const NAME = 'concordat'

type Api = typeof OpenTelemetry
let loaded: Api | undefined | 'not yet' = 'not yet'

/** OpenTelemetry's API where the application has it. Its own store of what is registered is one for the whole process. */
function api(): Api | undefined {
  if (loaded === 'not yet') {
    try {
      loaded = createRequire(import.meta.url)('@opentelemetry/api') as Api
    } catch {
      loaded = undefined
    }
  }
  return loaded
}

/** Whether the application has registered a tracer: without one there is nothing to do, and it costs next to nothing. */
export function isTracing(): boolean {
  return guarded(() => tracer(api())) !== undefined
}

/**
 * Begins a span, or answers undefined where the application traces nothing. Whatever a tracer, or what it exports to, may
 * throw stays here: it is no failure of the work that is traced.
 */
export function startSpan(about: SpanAbout): Span | undefined {
  const otel = api()
  return otel && guarded(() => begin(otel, about))
}

function begin(otel: Api, { name, kind, attributes, ...about }: SpanAbout): Span | undefined {
  const tracing = tracer(otel)
  if (tracing === undefined) return undefined
  const { context, trace, SpanKind, SpanStatusCode } = otel
  const above = 'parent' in about ? below(otel, about.parent) : context.active()
  const links = about.links?.flatMap(placesIn).map((place) => ({ context: place })) ?? []
  const kinds = { producer: SpanKind.PRODUCER, consumer: SpanKind.CONSUMER, server: SpanKind.SERVER }
  const options = { kind: kinds[kind], attributes, links }
  const span = tracing.startSpan(name, options, above)
  return {
    traceparent: traceparentOf(otel, span.spanContext()),
    run: (work) => context.with(trace.setSpan(above, span), work),
    set: (more) => void guarded(() => span.setAttributes(more)),
    end: () => guarded(() => span.end()),
    fail: (failure) => {
      const { error, reason = guarded(() => nameOf(error)) ?? 'error' } = failure
      guarded(() => 'error' in failure && span.recordException(asException(error)))
      guarded(() => span.setAttribute('error.type', reason).setStatus({ code: SpanStatusCode.ERROR, message: reason }))
      guarded(() => span.end())
    },
  }
}

function guarded<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** Where the application is in a trace, if it is in one. */
export function activeTraceparent(): string | undefined {
  const otel = api()
  const active = guarded(() => otel?.trace.getSpanContext(otel.context.active()))
  return otel && active && traceparentOf(otel, active)
}

/** A proxy hands out tracers that do nothing until a provider is registered; it tells that only by the tracer behind. */
function tracer(otel: Api | undefined): OpenTelemetry.Tracer | undefined {
  const provider = otel?.trace.getTracerProvider()
  if (provider === undefined) return undefined
  return isProxy(provider) ? provider.getDelegateTracer(NAME) : provider.getTracer(NAME)
}

/** Another copy of the API may have made it. */
function isProxy(provider: object): provider is OpenTelemetry.ProxyTracerProvider {
  return 'getDelegateTracer' in provider
}

function below({ ROOT_CONTEXT, trace }: Api, parent = ''): OpenTelemetry.Context {
  const [place] = placesIn(parent)
  return place === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, place)
}

function placesIn(traceparent: string): (TracePlace & { readonly isRemote: true })[] {
  const place = parseTraceparent(traceparent)
  return place === undefined ? [] : [{ ...place, isRemote: true }]
}

/** Few names for many errors: the code where there is one. */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : thrown.name
}

/** What was thrown may be anything, a message with its values among it. */
function asException(thrown: unknown): Error | string {
  return thrown instanceof Error || typeof thrown === 'string' ? thrown : `a thrown ${typeof thrown}`
}

function traceparentOf({ isSpanContextValid }: Api, place: TracePlace): string | undefined {
  return isSpanContextValid(place) ? writeTraceparent(place) : undefined
}
