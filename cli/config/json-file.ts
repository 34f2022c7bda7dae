import { dirname, resolve } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { templateOf } from '../../contracts/http/template.ts'
import { pointerTo } from '../../contracts/json.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import { readSchema } from '../../contracts/schema/read.ts'
import schema from '../concordat.schema.json' with { type: 'json' }
import { wrongUsage } from '../refused.ts'
import type { Declared, DeclaredContract } from './declared.ts'
import { placeOf } from './json-place.ts'
import { type JsonText, readJsonText, refuseFindings } from './json-text.ts'
import type { Documented } from './openapi-file.ts'

/** What `concordat.json` may say; concordat.schema.json says it for editors, and is what it is held against. */
type Written = {
  readonly service: string
  readonly writes?: readonly Stream[]
  readonly reads?: readonly Stream[]
  readonly serves?: readonly Operation[]
  readonly calls?: readonly Called[]
  readonly openapi?: string
}
/** A schema, or the file that holds it. */
type Source = JsonSchema | string
type Stream = Pick<
  DeclaredContract,
  'encoding' | 'field' | 'headers' | 'guarded' | 'external' | 'keepsMs' | 'subject'
> & { readonly stream: string; readonly bus?: string; readonly schema: Source }
type Operation = Pick<DeclaredContract, 'guarded' | 'external'> & {
  readonly method: string
  readonly path: string
  readonly request?: Source
  readonly responses: { readonly [status: string]: Source }
}

type Called = Operation & { readonly provider: string; readonly openapi?: string; readonly only?: readonly string[] }

/** How the files are named: to people, and to the registry. */
export type FileNames = { readonly shown: (path: string) => string; readonly told: (path: string) => string }

/** Reads a configuration in JSON, and the files that it names. */
export async function readJsonConfig(path: string, names: FileNames): Promise<Declared> {
  const config = await readJsonText(path, names.shown(path))
  const written = checkForm(config)
  const reader = { path, config, names }
  const { service, writes = [], reads = [], serves = [], calls = [], openapi } = written
  const contracts = [
    ...writes.map((item, i) => readStream(reader, item, { verb: 'writes', i })),
    ...reads.map((item, i) => readStream(reader, item, { verb: 'reads', i })),
    ...serves.map((item, i) => readOperation(reader, { ...item, provider: service }, { verb: 'serves', i })),
    ...calls
      .map((item, i) => ({ item, i }))
      .filter(({ item }) => !isDocumented(item))
      .map(({ item, i }) => readOperation(reader, item, { verb: 'calls', i })),
  ]
  const documents = [
    ...(openapi === undefined ? [] : [{ openapi, provider: service, verb: 'serves' as const }]),
    ...calls.flatMap((item) => (isDocumented(item) ? [{ ...item, verb: 'calls' as const }] : [])),
  ].map((documented) => readDocument(reader, documented))
  return { service, contracts: (await Promise.all([...contracts, ...documents])).flat() }
}

function isDocumented(item: Called): item is Called & { readonly openapi: string } {
  return item.openapi !== undefined
}

type Reader = { readonly path: string; readonly config: JsonText; readonly names: FileNames }
type At = { readonly verb: 'writes' | 'reads' | 'serves' | 'calls'; readonly i: number }

function checkForm({ file, text, value }: JsonText): Written {
  const ajv = new Ajv({ allErrors: true, strict: false })
  const isRight = ajv.compile<Written>(schema)
  const candidate: unknown = value
  if (isRight(candidate)) return candidate
  const lines = (isRight.errors ?? []).filter(({ keyword }) => keyword !== 'if').map(wordsOf)
  const sentences = lines.map(
    ({ at, words }) => `${file}:${placeOf(text, at)}: ${at === '' ? 'The whole' : at} ${words}.`,
  )
  throw wrongUsage('config.invalid', [...new Set(sentences)].slice(0, MOST_LINES).join('\n'))
}

const MOST_LINES = 20

/** What ajv found, at the place that somebody would mend. */
function wordsOf({ instancePath: at, keyword, params, message = '' }: ErrorObject): { at: string; words: string } {
  const detail = params as Readonly<Record<string, unknown>>
  if (keyword === 'additionalProperties')
    return { at: pointerTo(at, String(detail.additionalProperty)), words: 'is no member that is known there' }
  if (keyword === 'required') return { at, words: `needs the member "${String(detail.missingProperty)}"` }
  if (keyword === 'enum') return { at, words: `must be one of ${JSON.stringify(detail.allowedValues)}` }
  return { at, words: message }
}

async function readStream(
  reader: Reader,
  { stream, bus, schema: source, ...rest }: Stream,
  { verb, i }: At,
): Promise<DeclaredContract> {
  const channel = bus === undefined || bus === 'default' ? `stream:${stream}` : `stream:${bus}/${stream}`
  const direction = verb === 'writes' ? 'writes' : 'reads'
  const at = pointerTo('', verb, i)
  return {
    channel,
    direction,
    ...rest,
    ...(await readSource(reader, source, { pointer: pointerTo(at, 'schema'), at })),
  }
}

async function readOperation(
  reader: Reader,
  { provider, method, path, request = {}, responses, ...rest }: Operation & { readonly provider: string },
  { verb, i }: At,
): Promise<DeclaredContract[]> {
  const at = pointerTo('', verb, i)
  const [asked, answered] = verb === 'serves' ? (['reads', 'writes'] as const) : (['writes', 'reads'] as const)
  const parts = [
    { part: 'request', direction: asked, source: request, pointer: pointerTo(at, 'request') },
    ...Object.entries(responses).map(([status, source]) => ({
      part: status,
      direction: answered,
      source,
      pointer: pointerTo(at, 'responses', status),
    })),
  ]
  return Promise.all(
    parts.map(async ({ part, direction, source, pointer }) => ({
      channel: `http:${provider} ${method} ${templateOf(path)}#${part}`,
      direction,
      ...rest,
      ...(await readSource(reader, source, { pointer, at: pointer })),
    })),
  )
}

/** A schema that stands at a pointer, or in a file of its own; `at` is where its contract is declared. */
async function readSource(
  { path, config, names }: Reader,
  source: Source,
  { pointer, at }: { readonly pointer: string; readonly at: string },
): Promise<Pick<DeclaredContract, 'schema' | 'origin'>> {
  if (typeof source !== 'string') {
    const [line = '1'] = placeOf(config.text, at).split(':')
    const { findings } = readSchema(source)
    if (findings) throw refuseFindings(config, pointer, findings)
    return { schema: source, origin: `${names.told(path)}:${line}` }
  }
  const file = resolve(dirname(path), source)
  const { text } = await readJsonText(file, names.shown(file))
  const { findings } = readSchema(text)
  if (findings) throw refuseFindings({ file: names.shown(file), text }, '', findings)
  return { schema: text, origin: names.told(file) }
}

/** Of OpenAPI, the operations of a document; it is loaded when there is one. */
async function readDocument(
  { path, names }: Reader,
  { openapi, ...documented }: Documented & { readonly openapi: string },
): Promise<DeclaredContract[]> {
  const file = resolve(dirname(path), openapi)
  const [{ readOpenApiText }, { readOpenApiContracts }] = await Promise.all([
    import('./openapi-text.ts'),
    import('./openapi-file.ts'),
  ])
  const document = await readOpenApiText(file, names.shown(file))
  return readOpenApiContracts(document, names.told(file), documented)
}
