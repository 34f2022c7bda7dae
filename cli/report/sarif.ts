import { type FilePlace, type Problem, REASONS, type Report } from './report.ts'
import { betweenWords } from './text.ts'

const HOME = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/** A report in SARIF 2.1.0: a result for each stop, where its contract was declared. */
export function sarifReport({ command, answer, problems, warnings, notes }: Report, version: string): object {
  const rules = [...new Set(problems.map(({ reason }) => reason))].sort()
  return {
    $schema: HOME,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Concordat',
            semanticVersion: version,
            rules: rules.map((id) => ({
              id,
              shortDescription: { text: REASONS[id] ?? id },
              defaultConfiguration: { level: 'error' },
            })),
          },
        },
        automationDetails: { id: `concordat ${command}/` },
        originalUriBaseIds: { SRCROOT: { description: { text: 'The top of the repository.' } } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            properties: { answer },
            toolExecutionNotifications: [
              ...warnings.map((text) => ({ level: 'warning', message: { text } })),
              ...notes.map((text) => ({ level: 'note', message: { text } })),
            ],
          },
        ],
        results: problems.map((problem) => resultOf(problem, rules)),
      },
    ],
  }
}

function resultOf(problem: Problem, rules: readonly string[]): object {
  const { channel, writer, reader, reason, words, codes, witness, entry, next, place } = problem
  const between = betweenWords(writer, reader)
  const head = [channel, between].filter((part) => part !== '').join(': ')
  const text = [head, ...words, ...(next === undefined ? [] : [`Next: ${next}`])].join('\n')
  return {
    ruleId: reason,
    ruleIndex: rules.indexOf(reason),
    level: 'error',
    message: { text },
    locations: [
      {
        ...(place && { physicalLocation: locationOf(place) }),
        logicalLocations: [{ fullyQualifiedName: channel === '' ? 'contracts' : channel, kind: 'resource' }],
      },
    ],
    // without versions: the same finding is the same one in the next build
    partialFingerprints: { 'concordat/v1': [reason, channel, ...codes].join(' ') },
    properties: {
      ...(writer !== '' && { writer }),
      ...(reader !== '' && { reader }),
      ...(witness !== undefined && { witness }),
      ...(entry !== undefined && { entry }),
      findings: codes,
    },
  }
}

function locationOf({ file, line }: FilePlace): object {
  const isAbsolute = file.startsWith('/') || /^[A-Za-z]:/.test(file)
  const steps = file.toWellFormed().split('/')
  const uri = steps
    .map(encodeURIComponent)
    .join('/')
    .replace(/^([A-Za-z])%3A/, '$1:')
  const prefix = file.startsWith('/') ? 'file://' : 'file:///'
  return {
    artifactLocation: isAbsolute ? { uri: prefix + uri } : { uri, uriBaseId: 'SRCROOT' },
    region: { startLine: line },
  }
}
