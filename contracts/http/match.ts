import type { Finding } from '../finding.ts'
import { pointerTo } from '../json.ts'
import { decodeText, type Texts } from './query.ts'
import { mapParameters, parameterNames, templateOf } from './template.ts'

/** The parameters of a path that matched, decoded; findings where an escape in one of them stands for no text. */
export type PathMatch = { readonly path: Texts; readonly findings: readonly Finding[] }
/** Takes the path of a URL as it is written there; undefined where it is another path. */
export type MatchPath = (pathname: string) => PathMatch | undefined

type Segment = { readonly names: readonly string[]; readonly pattern: RegExp }

/** Compiles a contract's path into a match. A parameter is at least one character and no slash that is written as such. */
export function compileMatch(path: string): MatchPath {
  const segments = path.split('/').map(
    (segment): Segment => ({
      names: parameterNames(segment),
      pattern: new RegExp(`^${escape(mapParameters(segment, () => '\0')).replaceAll('\0', '(.+)')}$`, 'su'),
    }),
  )
  return (pathname) => {
    const written = pathname.split('/')
    if (written.length !== segments.length) return undefined
    const matched: { [name: string]: string } = {}
    const findings: Finding[] = []
    for (const [i, { names, pattern }] of segments.entries()) {
      const text = decodeText(written[i] ?? '')
      const found = text === undefined ? undefined : pattern.exec(text)
      if (found) for (const [at, name] of names.entries()) matched[name] = found[at + 1] ?? ''
      else if (text === undefined && names.length > 0)
        findings.push({ code: 'text.ill-formed', at: pointerTo('/path', names[0] ?? '') })
      else return undefined
    }
    return { path: matched, findings }
  }
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
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
