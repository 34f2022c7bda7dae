/** What a check or a gate answers, in the form of which every report is made. */
export type Report = {
  readonly command: string
  readonly answer: 'yes' | 'no'
  readonly summary: string
  readonly problems: readonly Problem[]
  /** What was compared and stops nothing. */
  readonly passed: readonly Compared[]
  /** What somebody should look at, though it stops nothing. */
  readonly warnings: readonly string[]
  /** What is good to know. */
  readonly notes: readonly string[]
  readonly next?: string
}

export type Compared = {
  readonly channel: string
  /** Who writes and who reads; empty where nobody is on that side. */
  readonly writer: string
  readonly reader: string
  /** Why it stops, or what it is: `compatible`, or `overridden`. */
  readonly reason: string
}

export type Problem = Compared & {
  /** The findings in words, as every surface of ours words them. */
  readonly words: readonly string[]
  readonly codes: readonly string[]
  /** One message that shows it, as JSON, and as it would lie on a stream. */
  readonly witness?: string
  readonly entry?: string
  readonly next?: string
  readonly place?: FilePlace
}

/** Where the contract that would have to change was declared. */
export type FilePlace = { readonly file: string; readonly line: number }

/** Reads a place such as `votes.contract.ts:3`. */
export function parsePlace(origin: string | undefined): FilePlace | undefined {
  if (origin === undefined || origin === '') return undefined
  const [, file = origin, line = '1'] = /^(.*?):(\d{1,9})(?::\d+)?$/.exec(origin) ?? []
  return { file, line: Math.max(1, Number(line)) }
}

/** What a stop's reason means, for who reads a report's rules. */
export const REASONS: Readonly<Record<string, string>> = {
  incompatible: 'The writer may write what the reader refuses.',
  unknown: 'It is not proved that the reader reads all that the writer may write.',
  missing: 'Nobody is on the other side.',
  unpublished: 'The version has published no contracts.',
  backlog: 'Messages that are written already would be refused.',
  removed: 'A contract that others may rely on is gone.',
}
