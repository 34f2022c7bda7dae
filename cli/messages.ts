import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import type { Finding } from '../contracts/finding.ts'
import type { Json } from '../contracts/json.ts'
import { parseJson } from '../contracts/schema/json-text.ts'
import { SCHEMA_LIMITS } from '../contracts/schema/limits.ts'
import { wrongUsage } from './refused.ts'
import { notReadable } from './schema-source.ts'

/** One message of a file: where it stands there, its text, and what the text says where it is JSON. */
export type Given = {
  /** The line where it begins, or its place in the list, both from 1. */
  readonly line?: number
  readonly item?: number
  readonly text: string
} & (
  | { readonly value: Json; readonly findings?: undefined }
  | { readonly value?: undefined; readonly findings: readonly Finding[] }
)

export type GivenOptions = {
  /** Each item of a list is a message. */
  readonly each?: true
  /** Each line is a message. */
  readonly lines?: true
}

const STDIN = '-'
const LINE_ENDINGS = ['.ndjson', '.jsonl']
/** Of one message, or of a document that is no list of lines: both are held in memory. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * The messages of a file, or of stdin for `-`: one a line where the first line is JSON by itself and others follow, or
 * where the file's name says so; else the whole is one document. Lines are read as they come, so a file may be of any size.
 */
export async function* messagesIn(file: string, { each, lines }: GivenOptions): AsyncGenerator<Given> {
  const source = linesOf(file)
  const isLines = lines === true || LINE_ENDINGS.includes(extname(file).toLowerCase())
  const first = await nextTold(source)
  if (first === undefined) throw wrongUsage('messages.none', `${nameOf(file)} holds no message.`)
  const opening = given(first)
  const second = isLines || opening.value !== undefined ? await nextTold(source) : undefined
  if (!isLines && second === undefined) {
    const whole = opening.value === undefined ? given(await restOf(file, first, source)) : opening
    yield* each ? itemsOf(file, whole) : [whole]
    return
  }
  yield opening
  for (let next = second; next; next = await nextTold(source)) yield given(next)
}

/** How a file is called where a sentence speaks of it. */
export function nameOf(file: string): string {
  return file === STDIN ? 'stdin' : file
}

type Line = { readonly line: number; readonly text: string | undefined }

async function nextTold(source: AsyncGenerator<Line>): Promise<Line | undefined> {
  for (;;) {
    const next = await source.next()
    if (next.done) return undefined
    if (next.value.text?.trim() !== '') return next.value
  }
}

function given({ line, text }: Line): Given {
  if (text === undefined) return { line, text: '', findings: [{ code: 'text.ill-formed', at: '' }] }
  const { value, findings } = parseJson(text, SCHEMA_LIMITS.depth, false)
  return value === undefined ? { line, text, findings: (findings ?? []).map(aboutValue) } : { line, text, value }
}

/** The limit is a schema's; of a message, that it is too deep is all there is to say. */
function aboutValue(finding: Finding): Finding {
  return finding.code === 'schema.too-deep' ? { code: 'value.too-deep', at: finding.at } : finding
}

function itemsOf(file: string, whole: Given): Given[] {
  if (whole.value === undefined) return [whole]
  const { value, text } = whole
  if (!Array.isArray(value)) throw wrongUsage('messages.no-list', `${nameOf(file)} holds no list: leave --each out.`)
  if (value.length === 0) throw wrongUsage('messages.none', `${nameOf(file)} holds an empty list, so no message.`)
  return value.map((item: Json, i) => ({ item: i + 1, text, value: item }))
}

async function restOf(file: string, first: Line, source: AsyncGenerator<Line>): Promise<Line> {
  const texts: (string | undefined)[] = [first.text]
  let length = 0
  for await (const { text } of source) {
    texts.push(text)
    length += text?.length ?? 0
    if (length > MOST_BYTES) throw tooLarge(file)
  }
  return { line: first.line, text: texts.includes(undefined) ? undefined : texts.join('\n') }
}

const NEWLINE = 10

async function* linesOf(file: string): AsyncGenerator<Line> {
  let pending: Uint8Array[] = []
  let bytes = 0
  let line = 0
  const end = (last: Uint8Array): Line => {
    const text = decode([...pending, last])
    pending = []
    bytes = 0
    return { line: ++line, text: line === 1 ? text?.replace(/^\uFEFF/, '') : text }
  }
  for await (const chunk of chunksOf(file)) {
    let start = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
      yield end(chunk.subarray(start, at))
      start = at + 1
    }
    pending.push(chunk.subarray(start))
    bytes += chunk.length - start
    if (bytes > MOST_BYTES) throw tooLarge(file)
  }
  if (bytes > 0) yield end(new Uint8Array())
}

async function* chunksOf(file: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<Uint8Array> = file === STDIN ? process.stdin : createReadStream(file)
  try {
    yield* stream
  } catch (error) {
    throw notReadable(nameOf(file), error)
  }
}

/** Text in UTF-8, or undefined for bytes that are none. */
function decode(parts: readonly Uint8Array[]): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts))
  } catch {
    // Told as a finding about the line.
    return undefined
  }
}

function tooLarge(file: string): Error {
  return wrongUsage(
    'messages.too-large',
    `${nameOf(file)} holds a message of more than ${MOST_BYTES} bytes: write each message on a line of its own.`,
  )
}
