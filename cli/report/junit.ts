import type { Problem, Report } from './report.ts'
import { betweenWords } from './text.ts'

/** A report in JUnit's XML: a case for each comparison, and a failure for each that stops. */
export function junitReport({ command, answer, summary, problems, passed, warnings, notes }: Report): string {
  const failures = problems.length > 0 || answer === 'yes' ? problems.map(failedCase) : [unansweredCase(summary)]
  const cases = [...failures, ...passed.map((compared) => `    ${openCase(compared)}/>`)]
  const remarks = [...warnings, ...notes]
  const counts = `tests="${cases.length}" failures="${failures.length}" errors="0" skipped="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="concordat" ${counts}>`,
    `  <testsuite name="${escapeXml(`concordat ${command}`)}" ${counts}>`,
    ...cases,
    ...(remarks.length === 0 ? [] : [`    <system-out>${escapeXml(remarks.join('\n'))}</system-out>`]),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

function openCase({ channel, writer, reader }: Pick<Problem, 'channel' | 'writer' | 'reader'>): string {
  const name = betweenWords(writer, reader)
  return `<testcase classname="${escapeXml(channel || 'concordat')}" name="${escapeXml(name || 'contracts')}"`
}

function failedCase(problem: Problem): string {
  const { reason, words, witness, entry, next, place } = problem
  const file = place === undefined ? '' : ` file="${escapeXml(place.file)}" line="${place.line}"`
  const details = [
    ...words,
    ...(witness === undefined ? [] : [`message ${witness}`]),
    ...(entry === undefined ? [] : [`entry ${entry}`]),
    ...(next === undefined ? [] : [`next ${next}`]),
  ].join('\n')
  const failure = `<failure type="${escapeXml(reason)}" message="${escapeXml(words[0] ?? reason)}">${escapeXml(details)}</failure>`
  return `    ${openCase(problem)}${file}>\n      ${failure}\n    </testcase>`
}

function unansweredCase(summary: string): string {
  const failure = `<failure type="no" message="${escapeXml(summary)}"/>`
  return `    <testcase classname="concordat" name="answer">\n      ${failure}\n    </testcase>`
}

/** XML 1.0 has no form for most control characters and for half a surrogate pair, not even as a reference. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replaceAll('\r', '&#13;')
}
