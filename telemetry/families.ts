import { checkNames, type Labels, writeLabels } from './labels.ts'

/** What a metric is called, what it tells, and by which labels its series differ. */
export type Definition<L extends string> = {
  readonly name: string
  readonly help: string
  readonly labels?: readonly L[]
}

/** One line of a metric: what is added to its name, its labels as text, and the number. */
export type Sample = readonly [suffix: string, labels: string, value: number]

/** A metric with all its series, as the text shows it. */
export type Family = {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: () => Sample[]
  /** Forgets the series that were for once. */
  readonly forget: () => void
}

/** What a metric keeps for one set of labels, and shows of it. */
export type Series = { readonly samples: (labels: string) => Sample[] }

/** Finds the series of some labels, and makes it when there is none. */
export type SeriesOf<L extends string, S> = {
  readonly of: (labels: Labels<L>) => S
  /** The same, for one that is forgotten after it was shown. */
  readonly once: (labels: Labels<L>) => S
}

export type FamilyParts<L extends string, S extends Series> = {
  readonly type: Family['type']
  readonly definition: Definition<L>
  /** How many series there may be. */
  readonly most: number
  /** Told of labels for which there was no room. */
  readonly onRefused: () => void
  readonly create: () => S
}

/**
 * Makes a metric. What has no room in it is counted in one more series, whose labels are all `other`; of gauges it is left
 * out, since the sum of strangers says nothing. Throws a TypeError for names that Prometheus does not take.
 */
export function createFamily<L extends string, S extends Series>(parts: FamilyParts<L, S>): Family & SeriesOf<L, S> {
  const { type, definition, most, onRefused, create } = parts
  const { name, help, labels: names = [] } = definition
  checkNames(name, names, type === 'histogram' ? ['le'] : [])
  const [kept, passing] = [new Map<string, S>(), new Map<string, S>()]

  const at = (series: Map<string, S>, text: string): S => {
    const made = series.get(text) ?? create()
    series.set(text, made)
    return made
  }
  const seriesIn = (series: Map<string, S>, labels: Labels<L>): S => {
    const text = writeLabels(names, labels)
    if (series.has(text) || kept.size + passing.size < most) return at(series, text)
    onRefused()
    return type === 'gauge' ? create() : at(series, names.map((label) => `${label}="other"`).join(','))
  }
  return {
    name,
    help,
    type,
    of: (labels) => seriesIn(kept, labels),
    once: (labels) => seriesIn(passing, labels),
    samples: () => [...new Map([...kept, ...passing])].flatMap(([labels, series]) => series.samples(labels)),
    forget: () => passing.clear(),
  }
}
