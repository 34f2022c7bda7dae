import { styleText } from 'node:util'

/** Rows below their headings, in columns that stand under each other; the last column is as long as it is. */
export function tableOf(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return [paint('bold', line(headings)), ...rows.map(line)].join('\n')
}

/** Text from outside as it can be shown: on one line, without what would steer a terminal, and not too long. */
export function printable(text: string, longest: number): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text
  return shown.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`
  })
}

/** Styles text on a terminal, and leaves it plain in a pipe. */
export function paint(style: 'bold' | 'red' | 'yellow' | 'green' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stdout })
}
