import type { Problem, Report } from './report.ts'
import { betweenWords } from './text.ts'

/** GitHub takes comments of 65,536 characters. */
const MOST_PROBLEMS = 15
const MOST_ROWS = 60
const LONGEST = 1200

/** A report for a comment on a pull request. */
export function markdownReport({ answer, summary, problems, passed, warnings, notes, next }: Report): string {
  const rows = [...problems, ...passed].map(
    ({ channel, writer, reader, reason }) =>
      `| ${[code(channel), escapeWords(writer), escapeWords(reader), reason === 'compatible' ? reason : `**${escapeWords(reason)}**`].map(inCell).join(' | ')} |`,
  )
  const remarks = [
    ...warnings.map((warning) => `- **Warning:** ${escapeWords(warning)}`),
    ...notes.map((note) => `- ${escapeWords(note)}`),
  ]
  const sections = [
    `### Concordat: ${answer}`,
    escapeWords(summary),
    ...(rows.length === 0
      ? []
      : [[HEAD, ...limit(rows, MOST_ROWS, (left) => `| … and ${left} more | | | |`)].join('\n')]),
    ...limit(problems.map(problemSection), MOST_PROBLEMS, (left) => `… and ${left} more.`),
    ...(remarks.length === 0 ? [] : [remarks.join('\n')]),
    ...(next === undefined || answer === 'yes' ? [] : [`**Next:** ${escapeWords(next)}`]),
  ]
  return sections.join('\n\n')
}

const HEAD = '| channel | writer | reader | answer |\n|---|---|---|---|'

function problemSection({ channel, writer, reader, words, witness, entry, next, place }: Problem): string {
  const facts = [
    ...(witness === undefined ? [] : [`- message: ${code(witness)}`]),
    ...(entry === undefined ? [] : [`- entry: ${code(entry)}`]),
    ...(place === undefined ? [] : [`- where: ${code(`${place.file}:${place.line}`)}`]),
    ...(next === undefined ? [] : [`- next: ${escapeWords(next)}`]),
  ]
  return [
    `**${code(channel)}** ${escapeWords(betweenWords(writer, reader))}`,
    '',
    ...words.map((line) => `- ${escapeWords(line)}`),
    ...facts,
  ].join('\n')
}

function limit(lines: readonly string[], most: number, tellLeft: (left: number) => string): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), tellLeft(lines.length - most)]
}

/** Words as they are: what stands in code marks stays code, and nothing in the rest is Markdown, HTML or a mention. */
export function escapeWords(words: string): string {
  return shorten(words)
    .split(/(`[^`]+`)/)
    .map((part, i) => (i % 2 === 1 ? code(part.slice(1, -1)) : escapeText(part)))
    .join('')
}

/** A bar ends a cell, even in code. */
function inCell(markdown: string): string {
  return markdown.replaceAll(/(?<!\\)\|/g, '\\|')
}

function escapeText(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]#!|~$]|^[-+]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@<!-- -->')
    .replaceAll('://', ':<!-- -->//')
}

/** Text as code, in a fence that is longer than any in it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const padding = longest > 0 ? ' ' : ''
  return text === '' ? '' : `${fence}${padding}${shorten(text)}${padding}${fence}`
}

/** On one line, and not without end. */
function shorten(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
