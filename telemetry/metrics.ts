import { type Collect, type CollectorOptions, createCollectors } from './collectors.ts'
import { createFamily, type Definition, type Family, type Series, type SeriesOf } from './families.ts'
import type { Labels } from './labels.ts'
import {
  type CounterSeries,
  createCounter,
  createGauge,
  createHistogram,
  type GaugeSeries,
  type HistogramSeries,
} from './series.ts'
import { CONTENT_TYPE, writeText } from './text.ts'

export type Counter<L extends string> = { readonly of: (labels: Labels<L>) => CounterSeries }
export type Histogram<L extends string> = { readonly of: (labels: Labels<L>) => HistogramSeries }
export type Gauge<L extends string> = {
  readonly of: (labels: Labels<L>) => GaugeSeries
  /** What a collector answers: that the gauge has this value now. */
  readonly at: (labels: Labels<L>, value: number) => Reading
}

/** A gauge's value at the time of asking. It is shown once, so that nothing stale is ever left. */
export type Reading = { readonly write: () => void }

export type MetricsOptions = {
  /** How many series one metric may have; 1,000 unless given. What comes beyond is counted in one more, `other`. */
  readonly mostSeries?: number
  /** How long `text` waits for what has to be asked of others; 1,000 unless given. */
  readonly collectWithinMs?: number
}

/**
 * Counters, gauges and histograms, and their text for Prometheus. Defining one twice gives the same one, and throws a
 * TypeError when the second is another.
 */
export type Metrics = {
  readonly counter: <const L extends string = never>(definition: Definition<L>) => Counter<L>
  readonly gauge: <const L extends string = never>(definition: Definition<L>) => Gauge<L>
  readonly histogram: <const L extends string = never>(
    definition: Definition<L> & { readonly buckets?: readonly number[] },
  ) => Histogram<L>
  /**
   * Adds what is to be asked whenever `text` is, and returns what takes it away. Of several with the same key the latest is
   * asked. One that fails, or is too slow, shows nothing and is counted.
   */
  readonly collect: (key: string, collect: Collect<Reading>, options?: CollectorOptions) => () => void
  /** All metrics in Prometheus's text form, version 0.0.4. Never rejects. */
  readonly text: () => Promise<string>
  /** The media type of the text. */
  readonly contentType: string
}

/** Upper ends, in seconds, of what mostly takes milliseconds. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What counts the sets of labels without room has room for each metric, since it can be counted nowhere else. */
const REFUSED = 'concordat_metrics_series_refused_total'

/** Makes an empty set of metrics. It keeps nothing but numbers, and starts nothing. */
export function createMetrics({ mostSeries = 1_000, collectWithinMs = 1_000 }: MetricsOptions = {}): Metrics {
  checkBounds({ mostSeries, collectWithinMs })
  const shapes = new Map<string, string>()
  const families = new Map<string, Family>()

  const define = <L extends string, S extends Series>(
    type: Family['type'],
    definition: Definition<L> & { readonly buckets?: readonly number[] },
    create: () => S,
  ) => {
    const { name, labels = [], buckets = [] } = definition
    const shape = JSON.stringify([type, labels, buckets])
    const known = families.get(name)
    if (known !== undefined && shapes.get(name) !== shape)
      throw new TypeError(`There is a metric ${name} already, and it is another: ${shapes.get(name)}, not ${shape}.`)
    const onRefused = () => refused.of({ metric: name }).add(1)
    const most = name === REFUSED ? Number.POSITIVE_INFINITY : mostSeries
    const family = known ?? createFamily({ type, definition, most, onRefused, create })
    shapes.set(name, shape)
    families.set(name, family)
    // The same shape came from the same call.
    return family as Family & SeriesOf<L, S>
  }

  const counter: Metrics['counter'] = (definition) => define('counter', definition, createCounter)
  const refused = counter({
    name: REFUSED,
    help: 'Sets of labels for which a metric had no room, counted in its series other.',
    labels: ['metric'],
  })
  const failed = counter({
    name: 'concordat_metrics_collections_failed_total',
    help: 'Times that what has to be asked of others could not be shown, for it failed or took too long.',
  }).of({})
  const collectors = createCollectors<Reading>(collectWithinMs, () => failed.add(1))
  const write = (reading: Reading): void => {
    try {
      reading.write()
    } catch {
      // A collector of the application gave labels that are none.
      failed.add(1)
    }
  }

  return {
    counter,
    gauge: (definition) => {
      const { of, once } = define('gauge', definition, createGauge)
      return { of, at: (labels, value) => ({ write: () => once(labels).set(value) }) }
    },
    histogram: ({ buckets = SECONDS, ...definition }) => {
      checkBuckets(definition.name, buckets)
      return define('histogram', { ...definition, buckets }, () => createHistogram(buckets))
    },
    collect: (key, collect, options = {}) => collectors.add(key, collect, options),
    text: async () => {
      for (const reading of await collectors.collect()) write(reading)
      const text = writeText(families.values())
      for (const family of families.values()) family.forget()
      return text
    },
    contentType: CONTENT_TYPE,
  }
}

function checkBounds(bounds: { readonly [name: string]: number }): void {
  for (const [name, value] of Object.entries(bounds))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new TypeError(`${name} is ${value}, and must be a whole number from 1 on.`)
}

function checkBuckets(name: string, buckets: readonly number[]): void {
  const isGrowing = buckets.every((bound, i) => Number.isFinite(bound) && bound > (buckets[i - 1] ?? -Infinity))
  if (buckets.length === 0 || !isGrowing)
    throw new TypeError(`The buckets of ${name} are ${JSON.stringify(buckets)}; give finite numbers that grow.`)
}
