import { readFile } from 'node:fs/promises'
import { explain } from '../../contracts/explain.ts'
import type { Finding } from '../../contracts/finding.ts'
import type { Json } from '../../contracts/json.ts'
import { parseJson } from '../../contracts/schema/json-text.ts'
import { SCHEMA_LIMITS } from '../../contracts/schema/limits.ts'
import { placeIn } from '../places.ts'
import { wrongUsage } from '../refused.ts'

/** A file of JSON: as it is named to people, its text, and what the text says. */
export type JsonText = { readonly file: string; readonly text: string; readonly value: Json }

/** Reads and parses a file of JSON; what cannot be parsed is refused with the file, the line and the column. */
export async function readJsonText(path: string, file: string): Promise<JsonText> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw wrongUsage('config.unreadable', `${file} cannot be read (${error.message}).`, { cause: error })
  })
  // Editors of some systems put a mark before the text, which no JSON has.
  const plain = text.replace(/^\uFEFF/, '')
  const { value, findings } = parseJson(plain, SCHEMA_LIMITS.depth, false)
  if (value === undefined) throw refuseFindings({ file, text: plain }, '', findings ?? [])
  return { file, text: plain, value }
}

/** Refuses what stands below a pointer of a file, a line for each finding, with its place. */
export function refuseFindings(
  { file, text }: Pick<JsonText, 'file' | 'text'>,
  pointer: string,
  findings: readonly Finding[],
): Error {
  const lines = findings.map((finding) => {
    const here = { ...finding, at: pointer + finding.at }
    return { place: `${file}:${placeIn(text, here)}`, sentence: explain(here) }
  })
  return wrongUsage('config.invalid', lines.map(({ place, sentence }) => `${place}: ${sentence}.`).join('\n'), {
    details: { findings: findings.map((finding, i) => ({ place: lines[i]?.place, ...finding })) },
  })
}
