import type { Finding } from '../contracts/finding.ts'
import { type Refused, wrongUsage } from './refused.ts'

/** Refuses a schema that cannot be read: a line for each finding, with its line and column in the text. */
export async function unreadableSchema(name: string, text: string, findings: readonly Finding[]): Promise<Refused> {
  const [{ explain }, { placeIn }, { printable }] = await Promise.all([
    import('../contracts/explain.ts'),
    import('./places.ts'),
    import('./table.ts'),
  ])
  const told = findings.map((finding) => ({ place: `${name}:${placeIn(text, finding)}`, ...finding }))
  const lines = told.map(({ place, ...finding }) => printable(`${place}: ${explain(finding)}.`, LONG))
  return wrongUsage('schema.unreadable', lines.join('\n'), { details: { findings: told } })
}

const LONG = 2000
