import type { Finding } from '../contracts/finding.ts'
import { placeOf } from './config/json-place.ts'
import { brokenOffset } from './json-syntax.ts'

/** The line and column, such as `3:14`, of what a finding is about; where a text is no JSON, of where it stops being so. */
export function placeIn(text: string, { code, at }: Finding): string {
  return code === 'json.malformed' ? lineAndColumn(text, brokenOffset(text)) : placeOf(text, at)
}

function lineAndColumn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`
}
