import { asSpecified } from '../decide/readings.ts'
import type { Finding } from '../finding.ts'
import { isObject } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { mentionsNullable, nullableAsType } from '../schema/nullable.ts'
import { assembleSchema, readSchema, type Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'
import { commentOf } from './comment.ts'
import type { Group } from './groups.ts'
import { createNames, wishFor } from './names.ts'
import { afterMark, printComment, printType } from './print.ts'
import { createTranslate, type Refer } from './translate.ts'
import { type Type, word } from './tree.ts'

export type TypescriptOptions = {
  /** What the type of the whole message is called; letters and digits of it are kept. */
  readonly name: string
}

export type Typescript =
  | { readonly text: string; readonly name: string; readonly findings?: undefined }
  | { readonly text?: undefined; readonly findings: readonly Finding[] }

/**
 * A schema as exported TypeScript types. Every message that the schema accepts has the type; what TypeScript cannot say
 * makes the type wider, and stands in a comment. Nothing in a schema becomes code. Never throws for bad schemas.
 */
export function typescriptOf(source: JsonSchema, { name }: TypescriptOptions): Typescript {
  try {
    const { schema, findings } = readSchema(source)
    return findings ? { findings } : declare(withNull(asSpecified(schema) ?? schema), name)
  } catch (error) {
    // nested more deeply than the stack
    if (error instanceof RangeError) return { findings: [TOO_DEEP] }
    throw error
  }
}

const TOO_DEEP: Finding = { code: 'schema.too-deep', at: '', reader: { pointer: '', value: 'the stack' } }

type Declaration = { readonly name: string; readonly target: Target; readonly group?: Group }

function declare(schema: Schema, wish: string): Typescript {
  const root = lastReferred(schema)
  const nameFor = createNames()
  const declarations: Declaration[] = []
  const known = new Map<string, Type>()
  const announce = (target: Target, wanted: string, group?: Group): Type => {
    const type = word(nameFor(wanted))
    known.set(keyOf(target, group), type)
    declarations.push({ name: type.text, target, ...(group && { group }) })
    return type
  }
  const refer: Refer = (target, group) =>
    known.get(keyOf(target, group)) ?? announce(target, `${wishFor(target)} ${group ?? ''}`, group)
  const translate = createTranslate(schema, refer)

  announce(root, wish)
  const texts: string[] = []
  // what is met on the way joins the end of the list
  for (const { name, target, group } of declarations) {
    const type = group ? translate.group(target, group) : translate.whole(target)
    texts.push(`${printComment(commentOf(target.schema))}${afterMark(`export type ${name} =`, printType(type))}\n`)
  }
  return { text: texts.join('\n'), name: declarations[0]?.name ?? '' }
}

function keyOf({ pointer }: Target, group = 'whole'): string {
  return `${group} ${pointer}`
}

/** A document that only refers to one of its parts is that part. */
function lastReferred({ root, references }: Schema): Target {
  let target: Target = { schema: root, pointer: '' }
  for (let next: Target | undefined = target; next; next = nextReferred(target, references.follow)) target = next
  return target
}

const ABOUT = new Set('$ref $schema $id $comment $defs definitions title description'.split(' '))

function nextReferred({ schema, pointer }: Target, follow: Schema['references']['follow']): Target | undefined {
  if (!isObject(schema) || typeof schema.$ref !== 'string') return undefined
  return Object.keys(schema).every((keyword) => ABOUT.has(keyword)) ? follow(schema.$ref, pointer) : undefined
}

/** Of the two readings of `nullable` the wider one counts. */
function withNull(schema: Schema): Schema {
  if (!mentionsNullable(schema.canonical)) return schema
  return assembleSchema(nullableAsType(schema.root), schema.dialect, schema.inexact)
}
