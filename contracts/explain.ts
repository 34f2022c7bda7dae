import type { Finding } from './finding.ts'
import { FINDING_CODES } from './finding-codes.ts'

/** A finding in words: the place, then what is wrong there and what would mend it. */
export function explain(finding: Finding): string {
  const words: (finding: Finding) => string = FINDING_CODES[finding.code]
  return `${place(finding.at)} ${words(finding)}`
}

function place(at: string): string {
  if (at === '') return 'The whole'
  return at.length > 200 ? `${at.slice(0, 200)}…` : at
}
