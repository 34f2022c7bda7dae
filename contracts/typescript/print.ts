import { propertyName } from './text.ts'
import type { Element, Member, ObjectType, Type } from './tree.ts'

const WIDTH = 100

/** A type as text, its further lines indented. */
export function printType(type: Type, indent = ''): string {
  switch (type.kind) {
    case 'word':
      return type.text
    case 'union':
      return printUnion(type.types, indent)
    case 'both':
      return type.types.map((one) => within(one, indent)).join(' & ')
    case 'list':
      return `${within(type.item, indent)}[]`
    case 'tuple':
      return printTuple(type.items, type.rest, indent)
    case 'object':
      return printObject(type, indent)
  }
}

/** A comment above what it is about, or nothing. */
export function printComment(lines: readonly string[], indent = ''): string {
  if (lines.length === 0) return ''
  const [only = ''] = lines
  if (lines.length === 1 && indent.length + only.length <= WIDTH) return `${indent}/** ${only} */\n`
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */\n`].join('\n')
}

/** A type behind a mark such as `:` or `=`, on the same line where it begins there. */
export function afterMark(start: string, printed: string): string {
  return start + (printed.startsWith('\n') ? printed : ` ${printed}`)
}

function within(type: Type, indent: string): string {
  const printed = printType(type, indent)
  return type.kind === 'union' || type.kind === 'both' ? `(${printed})` : printed
}

function printUnion(types: readonly Type[], indent: string): string {
  const flat = types.map((one) => printType(one, indent))
  if (indent.length + flat.join(' | ').length <= WIDTH || types.some(({ kind }) => kind === 'object'))
    return flat.join(' | ')
  return flat.map((one) => `\n${indent}  | ${one}`).join('')
}

function printTuple(items: readonly Element[], rest: Type | undefined, indent: string): string {
  const elements = items.map(({ type, isOptional }) =>
    isOptional ? `${within(type, indent)}?` : printType(type, indent),
  )
  return `[${[...elements, ...(rest ? [`...${within(rest, indent)}[]`] : [])].join(', ')}]`
}

function printObject({ members, others, isLoose }: ObjectType, indent: string): string {
  const inner = `${indent}  `
  const rest = others ? printType(others, inner) : isLoose ? 'unknown' : undefined
  if (members.length === 0) return rest === undefined ? '{}' : `{ [name: string]: ${rest} }`
  const lines = [
    ...members.map((member) => printMember(member, inner)),
    ...(rest ? [`${inner}[name: string]: ${rest}`] : []),
  ]
  return `{\n${lines.join('\n')}\n${indent}}`
}

function printMember({ name, type, isOptional, comment }: Member, indent: string): string {
  const start = `${indent}${propertyName(name)}${isOptional ? '?' : ''}`
  return printComment(comment, indent) + afterMark(`${start}:`, printType(type, indent))
}
