import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
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
  if (/^\.ya?ml$/i.test(extname(path)))
    throw wrongUsage(
      'config.yaml',
      `${file} is named as YAML, which is read of OpenAPI only: convert it to JSON first.`,
    )
  const text = await readText(path, file)
  const { value, findings } = parseJson(text, SCHEMA_LIMITS.depth, false)
  if (value === undefined) throw refuseFindings({ file, text }, '', findings ?? [])
  return { file, text, value }
}

/** Reads a file of text in UTF-8. */
export async function readText(path: string, file: string): Promise<string> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw wrongUsage('config.unreadable', `${file} cannot be read (${error.message}).`, { cause: error })
  })
  return decode(bytes, file)
}

/** Without the mark that editors of some systems put before the text, which no JSON has. */
function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw wrongUsage('config.unreadable', `${file} is not text in UTF-8.`, { cause: error })
  }
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
