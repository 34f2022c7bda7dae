import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** The pages that are ours, as paths from the root. */
export function listPages(): string[] {
  return globSync(['*.md', 'docs/**/*.md'], { cwd: root }).sort()
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

export type Block = {
  readonly page: string
  readonly line: number
  readonly language: string
  /** What the comment above the block says, such as `file: docs/how-to/shipping.ts`. */
  readonly marker: string
  readonly text: string
}

/** The fenced blocks of all pages. */
export function listBlocks(): Block[] {
  return listPages().flatMap(blocksOf)
}

const BLOCK = /(?:<!-- (?<marker>.*) -->\n)?^```(?<language>\w*)\n(?<text>[^]*?)^```$/gm

function blocksOf(page: string): Block[] {
  const source = read(page)
  return [...source.matchAll(BLOCK)].map(({ index, groups: { marker = '', language = '', text = '' } = {} }) => ({
    page,
    line: source.slice(0, index).split('\n').length,
    language,
    marker,
    text,
  }))
}

/** The rows of the tables under a heading, without their heads; code marks are taken off the cells. */
export function rowsUnder(page: string, heading: string): string[][] {
  const [, section = ''] = read(page).split(new RegExp(`^#+ ${heading}$`, 'm'))
  return rowsOf(section.split(/^#+ /m)[0] ?? '')
}

/** The rows of all tables on a page. */
export function rowsOn(page: string): string[][] {
  return rowsOf(read(page))
}

function rowsOf(text: string): string[][] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'))
  return lines
    .filter((line, i) => !isRule(line) && !isRule(lines[i + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}

function isRule(line: string): boolean {
  return /^\|(-+\|)+$/.test(line)
}

/** The texts that stand in code marks, in their order. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

/** Those rows' first cells. */
export function namesIn(rows: readonly string[][]): string[] {
  return rows.flatMap(([name = '']) => codesIn(name))
}
