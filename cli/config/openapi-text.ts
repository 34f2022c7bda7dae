import { extname } from 'node:path'
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { stepsOf } from '../../contracts/json.ts'
import { wrongUsage } from '../refused.ts'
import { placeOf } from './json-place.ts'
import { readJsonText, readText } from './json-text.ts'

/** A document of OpenAPI: how it is named to people, what it says as JSON, and the line and column of what stands at a pointer. */
export type OpenApiText = {
  readonly file: string
  readonly text: string
  readonly place: (pointer: string) => string
}

/** Reads a document in JSON or, by the ending of its name, in YAML; one that cannot be parsed is refused with its place. */
export async function readOpenApiText(path: string, file: string): Promise<OpenApiText> {
  if (/^\.ya?ml$/i.test(extname(path))) return fromYaml(await readText(path, file), file)
  const { text } = await readJsonText(path, file)
  return { file, text, place: (pointer) => placeOf(text, pointer) }
}

/** By the core schema of YAML 1.2, in which every document of JSON means the same, and no text is taken for a date. */
function fromYaml(source: string, file: string): OpenApiText {
  const lineCounter = new LineCounter()
  const placeAt = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset)
    return `${line}:${col}`
  }
  const refuse = (offset: number, sentence: string, cause?: unknown) =>
    wrongUsage('config.invalid', `${file}:${placeAt(offset)}: ${sentence}`, { cause })
  try {
    const document = parseDocument(source, { schema: 'core', lineCounter, prettyErrors: false })
    const [error] = document.errors
    if (error) throw refuse(error.pos[0], `It is no YAML: ${error.message}.`, error)
    const place = (pointer: string): string => placeAt(offsetOf(document.contents, stepsOf(pointer)))
    return { file, text: JSON.stringify(document.toJS() ?? null), place }
  } catch (error) {
    // too deep for the parser, or with aliases that would make it grow without end
    if (error instanceof RangeError || error instanceof ReferenceError)
      throw refuse(0, `It cannot be read: ${error.message}.`, error)
    throw error
  }
}

/** Where a member begins, with its name, or an item; of one that is not there, where what holds it does. */
function offsetOf(node: unknown, [step, ...further]: readonly string[], otherwise = 0): number {
  const here = isNode(node) ? (node.range?.[0] ?? otherwise) : otherwise
  if (step === undefined) return here
  if (isSeq(node)) return offsetOf(node.items[Number(step)], further, here)
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step) : undefined
  if (!pair || !isNode(pair.key)) return here
  const at = pair.key.range?.[0] ?? here
  return further.length === 0 ? at : offsetOf(pair.value, further, at)
}
