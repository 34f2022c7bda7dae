import type { Sample } from './families.ts'

/** Counts up. Get it once and keep it: adding costs no more than an addition. */
export type CounterSeries = { readonly add: (n: number) => void }

/** Goes up and down. */
export type GaugeSeries = { readonly add: (n: number) => void; readonly set: (value: number) => void }

/** Counts values by size. */
export type HistogramSeries = { readonly observe: (value: number) => void }

type Shown = { readonly samples: (labels: string) => Sample[] }

export function createCounter(): CounterSeries & Shown {
  let value = 0
  return {
    add: (n) => {
      if (!(n >= 0)) throw new TypeError(`A counter only grows; ${n} cannot be added to it.`)
      value += n
    },
    samples: (labels) => [['', labels, value]],
  }
}

export function createGauge(): GaugeSeries & Shown {
  let value = 0
  return {
    add: (n) => void (value += n),
    set: (given) => void (value = given),
    samples: (labels) => [['', labels, value]],
  }
}

/** `bounds` are the upper ends of its buckets, growing; one without an end comes after them. */
export function createHistogram(bounds: readonly number[]): HistogramSeries & Shown {
  const counts = bounds.map(() => 0)
  let [sum, count] = [0, 0]
  const bucketOf = (value: number): number => {
    let i = 0
    while (i < bounds.length && value > (bounds[i] ?? Number.POSITIVE_INFINITY)) i++
    return i
  }
  const buckets = (labels: string): Sample[] => {
    const before = labels === '' ? '' : `${labels},`
    let upTo = 0
    return bounds.map((bound, i) => ['_bucket', `${before}le="${bound}"`, (upTo += counts[i] ?? 0)])
  }
  return {
    observe: (value) => {
      const i = bucketOf(value)
      if (i < bounds.length) counts[i] = (counts[i] ?? 0) + 1
      sum += value
      count++
    },
    samples: (labels) => [
      ...buckets(labels),
      ['_bucket', `${labels === '' ? '' : `${labels},`}le="+Inf"`, count],
      ['_sum', labels, sum],
      ['_count', labels, count],
    ],
  }
}
