import type { Problem, Report } from './report.ts'
import { betweenWords } from './text.ts'

/** A report as GitHub's workflow commands: an annotation for each stop and each note, and the answer in the log. */
export function annotationReport({ problems, warnings, notes, summary }: Report): string {
  return [
    ...problems.map(annotationOf),
    ...warnings.map((warning) => `::warning title=Concordat::${escapeData(warning)}`),
    ...notes.map((note) => `::notice title=Concordat::${escapeData(note)}`),
    // a line that begins with the one, or has the other anywhere, would be a command itself
    summary
      .replaceAll(/[\r\n]+/g, ' ')
      .replace(/^\s*(?=::)/, 'Concordat: ')
      .replaceAll('##[', '## ['),
  ].join('\n')
}

function annotationOf({ channel, writer, reader, reason, words, witness, next, place }: Problem): string {
  const properties = [
    ...(place === undefined ? [] : [`file=${escapeProperty(place.file)}`, `line=${place.line}`]),
    `title=${escapeProperty([reason, channel].filter((part) => part !== '').join(': '))}`,
  ].join(',')
  const text = [
    betweenWords(writer, reader),
    ...words,
    ...(witness === undefined ? [] : [`message ${witness}`]),
    ...(next === undefined ? [] : [next]),
  ]
  return `::error ${properties}::${escapeData(text.filter((line) => line !== '').join('\n'))}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
