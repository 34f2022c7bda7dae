import type { Verdict } from '../../contracts/index.ts'
import {
  type Counter,
  type CounterSeries,
  createMetrics,
  type Histogram,
  type HistogramSeries,
  type Metrics,
} from '../../telemetry/index.ts'
import type { CircuitBreaker } from '../circuit-breaker.ts'

/** How a registration ended. Refused is everything that its sender can put right but for a break with other versions. */
export type RegistrationResult = 'registered' | 'known' | 'incompatible' | 'refused' | 'failed'

/** How many connections there are at a moment, by what they do, and how many tasks wait for one. */
export type ConnectionCounts = { readonly idle: number; readonly busy: number; readonly waiting: number }

/** What a store tells of its connections. */
export type StoreMetrics = {
  /** The time from asking for a connection to having it. */
  readonly acquired: HistogramSeries
  /** Connections that could not be made, or broke. */
  readonly connectionErrors: CounterSeries
  /** Takes what answers how many connections there are. */
  readonly watchConnections: (count: () => ConnectionCounts) => void
  readonly watchBreaker: RegistryMetrics['watchBreaker']
}

/** Whoever knows until when the certificate that is served is good, in milliseconds since 1970. */
export type Certificate = { readonly expiresAt: () => number | undefined }

/** All that is counted of a registry. Every name that `/metrics` shows is made here, or by `watchProcess`. */
export type RegistryMetrics = Pick<Metrics, 'collect' | 'contentType' | 'gauge' | 'text'> & {
  readonly requests: Counter<'method' | 'route' | 'status'>
  readonly requestSeconds: Histogram<'method' | 'route'>
  readonly rateLimits: { readonly requests: Counter<'class'>; readonly rejections: Counter<'class'> }
  /** Requests that were turned away because there was too much to do. */
  readonly shed: Counter<'reason'>
  readonly badTokens: CounterSeries
  readonly registrations: Readonly<Record<RegistrationResult, CounterSeries>>
  readonly verdicts: Readonly<Record<Verdict['answer'], CounterSeries>>
  /** The time that a verdict took which nobody remembered. */
  readonly decided: HistogramSeries
  readonly gateDecisions: Readonly<Record<'yes' | 'no', CounterSeries>>
  readonly auditRows: CounterSeries
  readonly store: StoreMetrics
  /** Shows a breaker's state, and counts its failures, under a name of its own. */
  readonly watchBreaker: (name: string, breaker: Pick<CircuitBreaker, 'state' | 'onFailure'>) => void
  readonly watchCertificate: (certificate: Certificate) => void
}

/** What may be in one metric: all routes by method and status are fewer. */
const MOST_SERIES = 5_000

/** Upper ends in seconds: a schema by id takes a fraction of a millisecond, a gate may take seconds. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const STATES = { closed: 0, 'half-open': 1, open: 2 } as const

/** Makes the metrics of one registry. It keeps nothing but numbers, and starts nothing. */
export function createRegistryMetrics(): RegistryMetrics {
  const metrics = createMetrics({ mostSeries: MOST_SERIES })
  const watchBreaker = breakersOf(metrics)
  const registrations = metrics.counter({
    name: 'concordat_registrations_total',
    help: 'Schemas that somebody registered, by how that ended.',
    labels: ['result'],
  })
  const verdicts = metrics.counter({
    name: 'concordat_verdicts_total',
    help: 'Verdicts that were given, whether decided now or remembered.',
    labels: ['answer'],
  })
  const gateDecisions = metrics.counter({
    name: 'concordat_gate_decisions_total',
    help: 'Answers to whether something may go live.',
    labels: ['answer'],
  })
  return {
    collect: metrics.collect,
    contentType: metrics.contentType,
    gauge: metrics.gauge,
    text: metrics.text,
    requests: metrics.counter({
      name: 'http_requests_total',
      help: 'Requests that were answered, or cut off.',
      labels: ['method', 'route', 'status'],
    }),
    requestSeconds: metrics.histogram({
      name: 'http_request_duration_seconds',
      help: 'How long requests took, from their headers to the end of the answer.',
      labels: ['method', 'route'],
      buckets: SECONDS,
    }),
    rateLimits: {
      requests: metrics.counter({
        name: 'rate_limit_requests_total',
        help: 'Requests that were held against a rate limit.',
        labels: ['class'],
      }),
      rejections: metrics.counter({
        name: 'rate_limit_rejections_total',
        help: 'Requests that a rate limit turned away.',
        labels: ['class'],
      }),
    },
    shed: metrics.counter({
      name: 'concordat_requests_shed_total',
      help: 'Requests that were turned away because there was too much to do.',
      labels: ['reason'],
    }),
    badTokens: metrics
      .counter({
        name: 'concordat_bad_tokens_total',
        help: 'Tokens that were sent and are none of ours, or no longer.',
      })
      .of({}),
    registrations: eachOf(['registered', 'known', 'incompatible', 'refused', 'failed'], (result) =>
      registrations.of({ result }),
    ),
    verdicts: eachOf(['compatible', 'incompatible', 'unknown'], (answer) => verdicts.of({ answer })),
    decided: metrics
      .histogram({
        name: 'concordat_decide_duration_seconds',
        help: 'How long deciding took, waiting included, where no verdict was remembered.',
        buckets: SECONDS,
      })
      .of({}),
    gateDecisions: eachOf(['yes', 'no'], (answer) => gateDecisions.of({ answer })),
    auditRows: metrics.counter({ name: 'concordat_audit_rows_total', help: 'Rows that the audit got.' }).of({}),
    store: storeOf(metrics, watchBreaker),
    watchBreaker,
    watchCertificate: certificatesOf(metrics),
  }
}

/** A series for each of a few values, there from the beginning, so that a rate sees the first one. */
function eachOf<const V extends string>(
  values: readonly V[],
  of: (value: V) => CounterSeries,
): Record<V, CounterSeries> {
  // The entries are those of the values.
  return Object.fromEntries(values.map((value) => [value, of(value)])) as Record<V, CounterSeries>
}

function storeOf(metrics: Metrics, watchBreaker: RegistryMetrics['watchBreaker']): StoreMetrics {
  const service = { service: 'registry' }
  const connections = metrics.gauge({
    name: 'db_pool_connections',
    help: 'Connections to the database, and tasks that wait for one.',
    labels: ['service', 'state'],
  })
  return {
    acquired: metrics
      .histogram({
        name: 'db_pool_acquire_duration_seconds',
        help: 'How long it took to get a connection to the database.',
        labels: ['service'],
        buckets: SECONDS,
      })
      .of(service),
    connectionErrors: metrics
      .counter({
        name: 'db_pool_connection_errors_total',
        help: 'Connections to the database that could not be made, or broke.',
        labels: ['service'],
      })
      .of(service),
    watchConnections: (count) => {
      metrics.collect('connections', () =>
        Object.entries(count()).map(([state, number]) => connections.at({ ...service, state }, number)),
      )
    },
    watchBreaker,
  }
}

function breakersOf(metrics: Metrics): RegistryMetrics['watchBreaker'] {
  const states = metrics.gauge({
    name: 'circuit_breaker_state',
    help: 'Whether somebody is asked who may not answer: 0 closed, 1 half-open, 2 open.',
    labels: ['name'],
  })
  const failures = metrics.counter({
    name: 'circuit_breaker_failures_total',
    help: 'Times that whoever is asked through a circuit breaker did not answer.',
    labels: ['name'],
  })
  return (name, breaker) => {
    const series = failures.of({ name })
    breaker.onFailure(() => series.add(1))
    metrics.collect(`breaker ${name}`, () => [states.at({ name }, STATES[breaker.state])])
  }
}

function certificatesOf(metrics: Metrics): RegistryMetrics['watchCertificate'] {
  const expiry = metrics.gauge({
    name: 'tls_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that is served expires, in seconds since 1970.',
  })
  return ({ expiresAt }) => {
    metrics.collect('certificate', () => {
      const at = expiresAt()
      return at === undefined ? [] : [expiry.at({}, at / 1000)]
    })
  }
}
