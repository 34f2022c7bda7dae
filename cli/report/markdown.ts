import type { Compared, Problem, Report } from './report.ts'
import { betweenWords } from './text.ts'

/** GitHub takes comments of 65,536 characters, so each part has room for so many. */
const ROOM = { rows: 12_000, problems: 28_000, findings: 9000, remarks: 8000 } as const
/** Characters of one line, and of a cell, before they are escaped, which may make ten of one. */
const LONGEST = 600
const LONGEST_CELL = 200

/** A report for a comment on a pull request. */
export function markdownReport({ answer, summary, problems, passed, warnings, notes, next }: Report): string {
  const rows = [...problems, ...passed].map(rowOf)
  const remarks = [
    ...warnings.map((warning) => `- **Warning:** ${escapeWords(warning)}`),
    ...notes.map((note) => `- ${escapeWords(note)}`),
  ]
  const sections = [
    `### Concordat: ${answer}`,
    escapeWords(summary),
    ...(rows.length === 0
      ? []
      : [[HEAD, ...fit(rows, ROOM.rows, (left) => `| … and ${left} more | | | |`)].join('\n')]),
    ...fit(problems.map(problemSection), ROOM.problems, (left) => `… and ${left} more.`),
    ...(remarks.length === 0 ? [] : [fit(remarks, ROOM.remarks, (left) => `- … and ${left} more`).join('\n')]),
    ...(next === undefined || answer === 'yes' ? [] : [`**Next:** ${escapeWords(next)}`]),
  ]
  return sections.join('\n\n')
}

const HEAD = '| channel | writer | reader | answer |\n|---|---|---|---|'

function rowOf({ channel, writer, reader, reason }: Compared): string {
  const answer = reason === 'compatible' ? reason : `**${escapeWords(reason, LONGEST_CELL)}**`
  const sides = [writer, reader].map((side) => escapeWords(side, LONGEST_CELL))
  return `| ${[code(channel, LONGEST_CELL), ...sides, answer].map(inCell).join(' | ')} |`
}

function problemSection({ channel, writer, reader, words, witness, entry, next, place }: Problem): string {
  const facts = [
    ...(witness === undefined ? [] : [`- message: ${code(witness)}`]),
    ...(entry === undefined ? [] : [`- entry: ${code(entry)}`]),
    ...(place === undefined ? [] : [`- where: ${code(`${place.file}:${place.line}`)}`]),
    ...(next === undefined ? [] : [`- next: ${escapeWords(next)}`]),
  ]
  return [
    `**${code(channel, LONGEST_CELL)}** ${escapeWords(betweenWords(writer, reader), LONGEST_CELL)}`,
    '',
    ...fit(
      words.map((line) => `- ${escapeWords(line)}`),
      ROOM.findings,
      (left) => `- … and ${left} more`,
    ),
    ...facts,
  ].join('\n')
}

/** As many of some lines as there is room for, the first in any case, and how many are left. */
function fit(lines: readonly string[], room: number, tellLeft: (left: number) => string): string[] {
  let length = 0
  const outside = lines.findIndex((line, i) => {
    length += line.length + 2
    return i > 0 && length > room
  })
  return outside === -1 ? [...lines] : [...lines.slice(0, outside), tellLeft(lines.length - outside)]
}

/** Words as they are: what stands in code marks stays code, and nothing in the rest is Markdown, HTML or a mention. */
export function escapeWords(words: string, longest = LONGEST): string {
  return shorten(words, longest)
    .split(/(`[^`]+`)/)
    .map((part, i) => (i % 2 === 1 ? code(part.slice(1, -1), longest) : escapeText(part)))
    .join('')
}

/** A bar ends a cell, even in code, unless the backslash before it is none that another one escapes. */
function inCell(markdown: string): string {
  return markdown.replaceAll(/(\\*)\|/g, (bar, slashes: string) => (slashes.length % 2 === 0 ? `${slashes}\\|` : bar))
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
function code(text: string, most = LONGEST): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const padding = longest > 0 ? ' ' : ''
  return text === '' ? '' : `${fence}${padding}${shorten(text, most)}${padding}${fence}`
}

/** On one line, and not without end. */
function shorten(text: string, longest: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}
