import { paint, printable } from '../table.ts'
import type { Problem, Report } from './report.ts'

/** A report for people at a terminal or in a log. */
export function textReport({ answer, summary, problems, passed, warnings, notes, next }: Report): string {
  const head = paint(answer === 'yes' ? 'green' : 'red', printable(summary, LONG))
  return [
    head,
    ...problems.flatMap(problemLines),
    ...(passed.length > 0 ? ['', ...passedLines(passed)] : []),
    ...(warnings.length + notes.length > 0 ? [''] : []),
    ...warnings.map((warning) => `${paint('yellow', 'warning')}  ${printable(warning, LONG)}`),
    ...notes.map((note) => `${paint('bold', 'note')}  ${printable(note, LONG)}`),
    ...(next === undefined || answer === 'yes' ? [] : ['', `${paint('bold', 'next')}  ${printable(next, LONG)}`]),
  ].join('\n')
}

const LONG = 4000
const MOST_PASSED = 50

function problemLines({ channel, writer, reader, reason, words, witness, entry, next, place }: Problem): string[] {
  const facts: [string, string | undefined][] = [
    ['message', witness],
    ['entry', entry],
    ['where', place && `${place.file}:${place.line}`],
    ['next', next],
  ]
  const between = betweenWords(writer, reader)
  return [
    '',
    [paint('bold', printable(channel, LONG)), printable(between, LONG), paint('red', reason)]
      .filter((part) => part !== '')
      .join('  '),
    ...words.map((line) => `  ${printable(line, LONG)}`),
    ...facts.flatMap(([name, value]) =>
      value === undefined ? [] : [`  ${paint('bold', name.padEnd(8))} ${printable(value, LONG)}`],
    ),
  ]
}

/** Who meets whom, as far as anybody is there. */
export function betweenWords(writer: string, reader: string): string {
  if (writer !== '' && reader !== '') return `${writer} → ${reader}`
  return writer === '' ? reader : writer
}

function passedLines(passed: Report['passed']): string[] {
  const shown = passed.slice(0, MOST_PASSED)
  const widest = Math.max(...shown.map(({ channel }) => channel.length))
  const lines = shown.map(
    ({ channel, writer, reader, reason }) =>
      `${paint(reason === 'compatible' ? 'green' : 'yellow', reason)}  ${printable(channel, LONG).padEnd(widest)}  ${printable(betweenWords(writer, reader), LONG)}`,
  )
  const left = passed.length - shown.length
  return left === 0 ? lines : [...lines, `and ${left.toLocaleString('en')} more`]
}
