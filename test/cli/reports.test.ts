import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import type { GateAnswer } from '../../cli/api/answers.ts'
import { annotationReport } from '../../cli/report/annotations.ts'
import { reportOfGate } from '../../cli/report/gate.ts'
import { escapeXml, junitReport } from '../../cli/report/junit.ts'
import { escapeWords, markdownReport } from '../../cli/report/markdown.ts'
import { parsePlace } from '../../cli/report/report.ts'
import { sarifReport } from '../../cli/report/sarif.ts'
import { textReport } from '../../cli/report/text.ts'
import sarifSchema from './sarif-2.1.0.json' with { type: 'json' }

const WORDS =
  '/vote is required by the reader and never written. The writer writes `option`, which takes the same values: renamed?'
const HOSTILE = '<script>|@ann %\r\n::error::x\u0000\u001b[31m\u2028[a](http://b) `c'

const ANSWER: GateAnswer = {
  answer: 'no',
  to: 'production',
  policy: 'as-declared',
  candidates: [{ service: 'vote-api', version: '2' }],
  summary: 'No: vote-api 2 cannot go to production.',
  compared: { pairs: 2, compatible: 1, incompatible: 1, unknown: 0 },
  stops: [
    {
      reason: 'incompatible',
      channel: 'stream:votes',
      text: `On stream:votes, tally does not read it: ${WORDS}`,
      words: [WORDS],
      findings: [{ code: 'field.never-written', at: '/vote' }],
      writer: { service: 'vote-api', version: '2', is: 'candidate', origin: 'src/votes, all.ts:12' },
      reader: { service: 'tally', version: '1', is: 'deployed', instances: ['eu'], origin: 'tally.ts:3' },
      witness: { option: 'cats' },
      wire: [['option', 'cats']],
      next: 'Let vote-api go on writing what tally reads.',
    },
    { reason: 'missing', channel: HOSTILE, text: HOSTILE, candidates: [{ service: 'vote-api', version: '2' }] },
  ],
  warnings: [{ reason: 'unguarded', text: HOSTILE }],
  pairs: [
    {
      channel: 'stream:other',
      answer: 'compatible',
      writer: { service: 'vote-api', version: '2', is: 'candidate' },
      reader: { service: 'count', version: '4', is: 'released' },
    },
  ],
  back: { answer: 'safe', to: [{ service: 'vote-api', version: '1' }] },
  next: 'Ask again.',
}
const REPORT = reportOfGate('can-i-deploy', ANSWER)

describe('every report', () => {
  test.each([
    ['text', textReport(REPORT)],
    ['markdown', markdownReport(REPORT)],
    ['junit', junitReport(REPORT).replaceAll('&apos;', "'")],
    ['sarif', JSON.stringify(sarifReport(REPORT, '1.0.0'))],
    ['github', annotationReport(REPORT)],
  ])('as %s has the words of the finding as the registry tells them', (_, text) => {
    expect(text).toContain(WORDS)
  })
})

test('text shows no control character of what it tells', () => {
  expect(textReport(REPORT).replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u2028/u)
})

describe('Markdown', () => {
  const markdown = markdownReport(REPORT)

  test('has a row for each comparison, and the findings with their message', () => {
    expect(markdown.split('\n').slice(0, 8)).toEqual([
      '### Concordat: no',
      '',
      'No: vote-api 2 cannot go to production.',
      '',
      '| channel | writer | reader | answer |',
      '|---|---|---|---|',
      '| `stream:votes` | vote-api 2 (candidate) | tally 1 (deployed, eu) | **incompatible** |',
      expect.stringMatching(/^\| .* \| {2}\| vote-api 2 \| \*\*missing\*\* \|$/),
    ])
    expect(markdown).toContain(`- ${WORDS}\n- message: \`{"option":"cats"}\`\n- entry: \`option "cats"\`\n`)
    expect(markdown).toContain('- where: `src/votes, all.ts:12`\n- next: Let vote-api')
  })

  test.each([
    ['<b> & >', '&lt;b&gt; &amp; &gt;'],
    ['a | b', 'a \\| b'],
    ['@ann', '@<!-- -->ann'],
    ['[a](http://b)', '\\[a\\](http:<!-- -->//b)'],
    ['a\n# b', 'a \\# b'],
    ['- a', '\\- a'],
    ['reads `option`, not `<b>`', 'reads `option`, not `<b>`'],
    ['one ` mark', 'one \\` mark'],
  ])('has nothing of %j but its letters', (words, markdownOf) => {
    expect(escapeWords(words)).toBe(markdownOf)
  })

  test.each([
    ['many stops', 500, 1, WORDS.repeat(50)],
    ['stops with many findings', 15, 20, WORDS.repeat(3)],
    ['one stop with endless findings', 1, 5000, WORDS.repeat(50)],
    ['what nearly all has to be escaped', 40, 20, '@'.repeat(300)],
  ])('of %s fits into a comment, and tells that there is more', (_, stops, findings, words) => {
    const [stop] = ANSWER.stops
    const many = Array.from({ length: stops }, () => ({
      ...stop,
      text: '',
      reason: 'incompatible',
      channel: `stream:${words.slice(0, 200)}`,
      words: Array.from({ length: findings }, () => words),
    }))
    const text = markdownReport(reportOfGate('check', { ...ANSWER, stops: many, warnings: [] }))
    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/… and \d+ more/)
  })

  test('has no cell that a bar would end, in a row of a hostile channel', () => {
    expect(barsIn(markdown)).toEqual([5, 5, 5, 5, 5])
  })

  test.each(['a|b', 'a\\|b', 'a\\\\|b', '\\', '|', '`|', '\\\\\\|'])('has no cell that %j would end', (channel) => {
    const [stop] = ANSWER.stops
    const stops = stop ? [{ ...stop, channel }] : []
    expect(barsIn(markdownReport(reportOfGate('check', { ...ANSWER, stops, pairs: [] })))).toEqual([5, 5, 5])
  })
})

/** How many bars end a cell in each row of the table; a backslash takes the next character along, whichever it is. */
function barsIn(text: string): (number | undefined)[] {
  const rows = text.split('\n').filter((line) => line.startsWith('|'))
  return rows.map((row) => row.replaceAll(/\\./g, '').match(/\|/g)?.length)
}

describe('JUnit', () => {
  const xml = junitReport(REPORT)

  test('has a case for each comparison, and a failure for each that stops', () => {
    expect(xml.split('\n').slice(0, 5)).toEqual([
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="concordat" tests="3" failures="2" errors="0" skipped="0">',
      '  <testsuite name="concordat can-i-deploy" tests="3" failures="2" errors="0" skipped="0">',
      '    <testcase classname="stream:votes" name="vote-api 2 (candidate) → tally 1 (deployed, eu)" file="src/votes, all.ts" line="12">',
      expect.stringMatching(/^ {6}<failure type="incompatible" message="\/vote is required/),
    ])
  })

  test('has no character that XML has no form for, and nothing unescaped', () => {
    expect(escapeXml('a\u0000b\u001bc\uFFFE\uD800 <&>"\'\t\n\r')).toBe(
      'a\uFFFDb\uFFFDc\uFFFD\uFFFD &lt;&amp;&gt;&quot;&apos;\t\n&#13;',
    )
    expect(xml).not.toContain('<script>')
    expect(xml.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
  })
})

describe('SARIF', () => {
  const sarif = sarifReport(REPORT, '1.2.3')
  const isSarif = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(sarifSchema)

  test.each([
    ['a no', sarif],
    ['a yes', sarifReport(reportOfGate('check', { ...ANSWER, answer: 'yes', stops: [] }), '1.2.3')],
  ])('of %s is valid', (_, log) => {
    isSarif(log)
    expect(isSarif.errors ?? []).toEqual([])
  })

  test.each([
    ['/abs/ä b#?.ts:3', 'file:///abs/%C3%A4%20b%23%3F.ts'],
    ['C:/x/y.ts:2', 'file:///C:/x/y.ts'],
    ['half \uD800.ts', 'half%20%EF%BF%BD.ts'],
  ])('of a contract in %j is valid', (origin, uri) => {
    const [stop] = ANSWER.stops
    const writer = { service: 'vote-api', version: '2', is: 'candidate', origin }
    const log = sarifReport(reportOfGate('check', { ...ANSWER, stops: stop ? [{ ...stop, writer }] : [] }), '1.2.3')
    isSarif(log)
    expect(isSarif.errors ?? []).toEqual([])
    expect(JSON.stringify(log)).toContain(`"uri":"${uri}"`)
  })

  test('that is none is refused by the schema that the tests hold it against', () => {
    expect(isSarif({ version: '2.1.0', runs: [{ tool: { driver: {} } }] })).toBe(false)
    expect(isSarif({ version: '2.0.0', runs: [] })).toBe(false)
  })

  test('has a location in the contract file, from the top of the repository', () => {
    const physicalLocation = {
      artifactLocation: { uri: 'src/votes%2C%20all.ts', uriBaseId: 'SRCROOT' },
      region: { startLine: 12 },
    }
    expect(sarif).toMatchObject({
      runs: [{ results: [{ ruleId: 'incompatible', locations: [{ physicalLocation }] }, {}] }],
    })
  })
})

describe('GitHub annotations', () => {
  const lines = annotationReport(REPORT).split('\n')

  test('are one line each, with the file and the line of the contract', () => {
    expect(lines).toHaveLength(5)
    expect(lines[0]).toMatch(
      /^::error file=src\/votes%2C all\.ts,line=12,title=incompatible%3A stream%3Avotes::vote-api 2 \(candidate\) → tally 1 \(deployed, eu\)%0A\/vote is required/,
    )
  })

  test('cannot be broken out of', () => {
    expect(lines[1]).toMatch(/^::error title=missing%3A <script>\|@ann %25%0D%0A%3A%3Aerror%3A%3Ax/)
    expect(lines.filter((line) => line.startsWith('::')).map((line) => line.split(' ')[0])).toEqual([
      '::error',
      '::error',
      '::warning',
      '::notice',
    ])
    const quiet = { ...REPORT, problems: [], warnings: [], notes: [] }
    const said = (summary: string) => annotationReport({ ...quiet, summary })
    expect(said(' ::set-env name=A::b')).toBe('Concordat: ::set-env name=A::b')
    // GitHub looks for its older form anywhere in a line
    expect(said('No: a ##[add-mask]b ##[error]c')).toBe('No: a ## [add-mask]b ## [error]c')
  })
})

test.each([
  ['votes.ts:3', { file: 'votes.ts', line: 3 }],
  ['votes.ts:3:7', { file: 'votes.ts', line: 3 }],
  ['votes.json', { file: 'votes.json', line: 1 }],
  ['a:b.ts:0', { file: 'a:b.ts', line: 1 }],
  ['', undefined],
])('the place %j is read', (origin, place) => {
  expect(parsePlace(origin)).toEqual(place)
})
