import type { Finding } from './finding.ts'
import { FINDING_CODES, type FindingCode } from './finding-codes.ts'

/** A finding in words: the place, then what is wrong there and what would mend it. */
export function explain(finding: Finding): string {
  const words: (finding: Finding) => string = FINDING_CODES[finding.code]
  return `${place(finding)} ${words(finding)}`
}

/** What the whole is, where a code says it. */
const WHOLES: { readonly [code in FindingCode]?: string } = {
  'value.not-contained': 'The message',
  'encoding.differs': 'The message',
  'status.not-read': 'The request',
  'writer.empty': 'The schema',
}

function place({ code, at }: Finding): string {
  if (at === '') return WHOLES[code] ?? 'The whole'
  if (at === '/') return 'The field ""'
  return at.length > 200 ? `${at.slice(0, 200)}…` : at
}
