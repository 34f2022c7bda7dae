import type { CounterSeries, HistogramSeries } from '../../telemetry/index.ts'
import type { RegistryMetrics } from './metrics.ts'

/** What is counted of one route's requests, found once for each method and status and kept. */
export type RouteCounts = {
  /** The route's pattern. */
  readonly route: string
  readonly count: (method: string, status: number, seconds: number) => void
}

/** Paths that are no route of ours have one name together, and so has what is no HTTP request. */
export const UNKNOWN_ROUTE = 'unknown'
export const NO_REQUEST = 'none'

/** A method that is none of these is counted as `other`. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export function createRouteCounts(
  metrics: Pick<RegistryMetrics, 'requests' | 'requestSeconds'>,
  route: string,
): RouteCounts {
  const byMethod = new Map<string, MethodCounts>()
  const countsOf = (method: string): MethodCounts => {
    const seconds = metrics.requestSeconds.of({ method, route })
    const made = { method, seconds, byStatus: new Map<number, CounterSeries>() }
    byMethod.set(method, made)
    return made
  }
  return {
    route,
    count: (sent, status, seconds) => {
      const method = METHODS.has(sent) ? sent : 'other'
      const counts = byMethod.get(method) ?? countsOf(method)
      counts.seconds.observe(seconds)
      let series = counts.byStatus.get(status)
      if (!series) {
        series = metrics.requests.of({ method, route, status: String(status) })
        counts.byStatus.set(status, series)
      }
      series.add(1)
    },
  }
}

type MethodCounts = { readonly seconds: HistogramSeries; readonly byStatus: Map<number, CounterSeries> }
