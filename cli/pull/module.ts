import { Type } from '@sinclair/typebox'
import { ContractRefused } from '../../contracts/contract.ts'
import { explain } from '../../contracts/explain.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import { unionOf } from '../../contracts/schema/union.ts'
import { stream as declareStream, type StreamOptions } from '../../contracts/stream.ts'
import { typescriptOf } from '../../contracts/typescript/typescript.ts'
import type { WrittenSchema } from '../api/answers.ts'
import { Refused } from '../refused.ts'
import { printable } from '../table.ts'

/** What was pulled. */
export type Pulled = {
  readonly stream: string
  readonly bus: string | undefined
  readonly environment: string | undefined
}

/**
 * The TypeScript module of what is written to a stream. Whatever the names and schemas say, they stand in it as data: the
 * same contracts make the same module, in whichever versions and at whichever registry.
 */
export async function writtenModule(pulled: Pulled, schemas: readonly WrittenSchema[]): Promise<string> {
  const sorted = schemas.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
  const options = optionsOf(pulled, sorted)
  const written = wholeOf(sorted)
  refuseUnreadable(pulled, written, options)
  const name = nameFor(pulled.stream)
  const type = typeOf(pulled, written, name)
  return [
    ...headerLines(pulled, sorted),
    "import { Type } from '@sinclair/typebox'",
    "import { stream } from 'concordat/contracts'",
    '',
    type.text.trimEnd(),
    '',
    `export const ${name} = stream(`,
    `  ${literal(pulled.stream)},`,
    `  Type.Unsafe<${type.name}>(${indent(literal(written))}),`,
    ...(Object.keys(options).length === 0 ? [] : [`  ${indent(literal(options))},`]),
    ')',
    '',
  ].join('\n')
}

/** The file that is written where none is named. */
export function fileNameFor(stream: string): string {
  return `${stream.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[.-]+/, '') || 'stream'}.written.ts`
}

function nameFor(stream: string): string {
  const words = stream.normalize('NFKD').match(/[A-Za-z0-9]+/g) ?? ['stream']
  const camel = words.map(
    (word, i) => (i === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1),
  )
  return `${camel.join('')}Written`.replace(/^(?=\d)/, 'stream')
}

function headerLines({ stream, bus, environment }: Pulled, schemas: readonly WrittenSchema[]): string[] {
  const flags = [bus && `--bus ${bus}`, environment && `--environment ${environment}`].filter((flag) => flag)
  const lines = [
    `Made by "${['concordat pull', stream, ...flags].join(' ')}". Do not edit it: pull again.`,
    ...schemas.map(({ fingerprint, versions }) => {
      // without versions, of which each build makes one: what they write is what counts
      const who = new Set(versions.map(({ service }) => service))
      return `Written by ${[...who].sort().join(', ')} (schema ${fingerprint})`
    }),
  ]
  // On one line each, and without any character that would end it.
  return [...lines.map((line) => `// ${printable(line, 2000)}`), '']
}

/** One form on the wire for all writers: a reader looks for a message in one place. */
function optionsOf({ bus }: Pulled, schemas: readonly WrittenSchema[]): StreamOptions {
  const forms = new Map(schemas.map((schema) => [formOf(schema), schema]))
  const [only, other] = [...forms.values()]
  if (only !== undefined && other !== undefined)
    throw new Refused(
      'no',
      'pull.two-forms',
      `${only.channel} is written in two forms: ${formWords(only)}, and ${formWords(other)}. No reader can read both: let the writers agree first.`,
    )
  const headers = HEADERS.findLast((some) => schemas.some((schema) => schema.headers === some)) ?? 'off'
  return {
    ...(bus !== undefined && bus !== 'default' && { bus }),
    ...(only?.encoding === 'json' && { encoding: 'json', field: only.field ?? 'data' }),
    ...(headers !== 'off' && { headers }),
  }
}

const HEADERS = ['off', 'id', 'full'] as const

function formOf({ encoding, field = 'data' }: WrittenSchema): string {
  return encoding === 'json' ? `json ${field}` : encoding
}

function formWords({ encoding, field = 'data', versions }: WrittenSchema): string {
  const [first] = versions
  const form = encoding === 'json' ? `as JSON in the field "${field}"` : 'as fields'
  return `${form} by ${first === undefined ? 'nobody' : `${first.service} ${first.version}`}`
}

function wholeOf(schemas: readonly WrittenSchema[]): JsonSchema {
  const [first, ...others] = schemas.map(({ schema }) => schema)
  return others.length === 0 || first === undefined ? (first ?? true) : unionOf([first, ...others])
}

/** What no reader could declare is refused here, and not when somebody's program starts. */
function refuseUnreadable({ stream }: Pulled, schema: JsonSchema, options: StreamOptions): void {
  try {
    declareStream(stream, Type.Unsafe(schema as object), options)
  } catch (error) {
    if (!(error instanceof ContractRefused) && !(error instanceof TypeError)) throw error
    throw new Refused('failed', 'pull.refused', error.message, { cause: error })
  }
}

function typeOf(
  { stream }: Pulled,
  schema: JsonSchema,
  name: string,
): { readonly text: string; readonly name: string } {
  const type = typescriptOf(schema, { name })
  if (type.findings === undefined) return type
  const reasons = type.findings.map(explain).join('; ')
  throw new Refused('failed', 'pull.refused', `What is written to stream:${stream} cannot be read: ${reasons}.`)
}

/** A value as it stands in the module; some editors and older engines take these two for the end of a line. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ')
}
