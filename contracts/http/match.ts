import type { Finding } from '../finding.ts'
import { pointerTo } from '../json.ts'
import { decodeText, type Texts } from './query.ts'
import { parameterNames, templateOf } from './template.ts'

/** The parameters of a path that matched, decoded; findings where an escape in one of them stands for no text. */
export type PathMatch = { readonly path: Texts; readonly findings: readonly Finding[] }
/** Takes the path of a URL as it is written there; undefined where it is another path. */
export type MatchPath = (pathname: string) => PathMatch | undefined

/** The names of a segment's parameters, and what stands before, between and behind them. */
type Segment = { readonly names: readonly string[]; readonly literals: readonly string[] }

/** Compiles a contract's path into a match. A parameter is at least one character and no slash that is written as such. */
export function compileMatch(path: string): MatchPath {
  const segments = path.split('/').map(
    (segment): Segment => ({
      names: parameterNames(segment),
      literals: templateOf(segment).split('{}'),
    }),
  )
  return (pathname) => {
    const written = pathname.split('/')
    if (written.length !== segments.length) return undefined
    const matched: { [name: string]: string } = {}
    const findings: Finding[] = []
    for (const [i, { names, literals }] of segments.entries()) {
      const text = decodeText(written[i] ?? '')
      const found = text === undefined ? undefined : matchSegment(literals, text)
      if (found) for (const [at, name] of names.entries()) matched[name] = found[at] ?? ''
      else if (text === undefined && names.length > 0)
        findings.push({ code: 'text.ill-formed', at: pointerTo('/path', names[0] ?? '') })
      else return undefined
    }
    return { path: matched, findings }
  }
}

/**
 * What stands between the literals, each value as long as can be and the first before all others, as in `(.+)-(.+)`. A pattern
 * like that would try every way to divide a text, of which anybody can send one that divides in very many.
 */
function matchSegment([first = '', ...literals]: readonly string[], text: string): string[] | undefined {
  if (literals.length === 0) return text === first ? [] : undefined
  if (!text.startsWith(first) || !text.endsWith(literals.at(-1) ?? '')) return undefined
  const values: string[] = []
  let end = text.length
  for (let i = literals.length - 1; i >= 0; i--) {
    const literal = literals[i] ?? ''
    const isLast = i === literals.length - 1
    const start = isLast ? end - literal.length : lastBefore(text, literal, end)
    if (start <= first.length) return undefined
    if (!isLast) values.unshift(text.slice(start + literal.length, end))
    end = start
  }
  return [text.slice(first.length, end), ...values]
}

/** Where a literal stands for the last time, with at least one character between it and `end`; -1 where it does not. */
function lastBefore(text: string, literal: string, end: number): number {
  const latest = end - literal.length - 1
  if (latest < 0) return -1
  const splitsPair = literal === '' && /^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(latest - 1, latest + 1))
  return text.lastIndexOf(literal, splitsPair ? latest - 1 : latest)
}

/** Sorts paths that say more before those that leave more open. */
export function compareSpecificity(a: string, b: string): number {
  const [mine, theirs] = [a, b].map((path) => templateOf(path).split('/').map(openness))
  for (const [i, open] of (mine ?? []).entries()) {
    const difference = open - (theirs?.[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function openness(segment: string): number {
  return segment === '{}' ? 2 : segment.includes('{}') ? 1 : 0
}
