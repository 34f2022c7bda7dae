import { parseAst } from 'vitest/node'

/** One import, export … from, import() or import type. */
export type Import = {
  readonly specifier: string
  readonly line: number
  /** `export * from …` */
  readonly isExportStar: boolean
}

type Node = Readonly<Record<string, unknown>>

export function importsOf(file: string, text: string): Import[] {
  return [...nodesOf(parse(file, text))].flatMap((node) => importIn(node, text))
}

function parse(file: string, text: string): unknown {
  try {
    return parseAst(text, { lang: 'ts' })
  } catch (cause) {
    throw new Error(`${file} cannot be parsed.`, { cause })
  }
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item)
  else if (isNode(value)) {
    yield value
    yield* nodesOf(Object.values(value))
  }
}

function importIn({ type, source, start }: Node, text: string): Import[] {
  if (!isNode(source) || typeof source.value !== 'string' || typeof start !== 'number') return []
  const line = text.slice(0, start).split('\n').length
  return [{ specifier: source.value, line, isExportStar: type === 'ExportAllDeclaration' }]
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}
