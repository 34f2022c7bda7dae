import type { Family, Sample } from './families.ts'
import { escapeHelp } from './labels.ts'

/** The media type of the text, for the answer to whoever scrapes. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Metrics in Prometheus's text form, version 0.0.4, always in the same order. */
export function writeText(families: Iterable<Family>): string {
  return [...families]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(writeFamily)
    .join('')
}

function writeFamily({ name, help, type, samples }: Family): string {
  const lines = samples().map((sample) => writeSample(name, sample))
  // The lines of one series of a histogram belong together, and come in their order.
  if (type !== 'histogram') lines.sort()
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

function writeSample(name: string, [suffix, labels, value]: Sample): string {
  return `${name}${suffix}${labels === '' ? '' : `{${labels}}`} ${writeNumber(value)}`
}

function writeNumber(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
