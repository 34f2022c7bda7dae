import { expect, test } from 'vitest'
import { FINDINGS_LIMIT } from '../../contracts/check/check.ts'
import { readSchema, SCHEMA_LIMITS } from '../../contracts/index.ts'
import { TOKEN_LIMITS } from '../../registry/access/tokens.ts'
import { READY_DEADLINE_MS } from '../../registry/operations/readiness.ts'
import { REDIS_TIMEOUT_MS } from '../../registry/redis.ts'
import { SERVER_LIMITS } from '../../registry/server.ts'
import { readSettings } from '../../registry/settings.ts'
import { DECIDER_DEADLINE_MS } from '../../registry/verdicts/decider.ts'
import { codesIn, read, rowsUnder } from './markdown.ts'

test('docs/limits.md lists the limits of schemas with their values', () => {
  expect(limitsUnder('Schemas')).toEqual(SCHEMA_LIMITS)
})

test("docs/limits.md lists the server's limits with their values", () => {
  expect(limitsUnder("The registry's server")).toEqual(SERVER_LIMITS)
})

test('docs/limits.md lists the limits of requests with their values', () => {
  expect(limitsUnder('Requests to the registry')).toEqual(
    constantsIn({
      MOST_IN_FLIGHT: 'limits/load.ts',
      LATEST_MS: 'limits/load.ts',
      RATE_TIMEOUT_MS: 'limits/limiter.ts',
      RATE_PAUSE_MS: 'limits/limiter.ts',
      MOST_KEYS: 'limits/windows.ts',
      MOST_MOMENTS: 'limits/windows.ts',
      LARGEST_ANSWER: 'limits/answer-once.ts',
      ANSWERS_KEPT_MS: 'limits/claims.ts',
      ABANDONED_MS: 'limits/claims.ts',
      LONGEST_REPEAT_WAIT_MS: 'limits/claims.ts',
    }),
  )
})

test('docs/limits.md lists the limits of services and gates with their values', () => {
  expect(limitsUnder('Services and gates')).toEqual(
    constantsIn({
      LONGEST_NAME: 'services/names.ts',
      LONGEST_CHANNEL: 'services/channel.ts',
      MOST_CONTRACTS: 'services/sent.ts',
      MOST_CHARACTERS: 'services/sent.ts',
      MOST_ENVIRONMENTS: 'services/find.ts',
      MOST_TOGETHER: 'api/gates.ts',
      LONGEST_RESERVATION_S: 'api/gates.ts',
      LONGEST_OVERRIDE_S: 'api/gates.ts',
      LONGEST_ASKING_MS: 'gates/verdicts.ts',
      MOST_TOLD: 'gates/judge.ts',
      MOST_LISTED: 'api/queries.ts',
      MOST_RETIRED: 'store/read-channels.ts',
      LARGEST_KEPT: 'gates/verdicts.ts',
      MOST_FIELDS: 'store/field-index.ts',
      MOST_VERSIONS: 'api/channels.ts',
      MOST_PAIRS: 'gates/matrix.ts',
      MOST_SERVICES: 'services/graph.ts',
      MOST_RUNNING: 'services/graph.ts',
    }),
  )
})

test('docs/limits.md lists the limits of access with their values', () => {
  const constants = {
    FRESH_MS: 'access/fresh.ts',
    AWAY_MS: 'access/fresh.ts',
    MOST_BAD_TOKENS: 'access/bad-tokens.ts',
    PAUSE_MS: 'access/slow-down.ts',
    MOST_PAUSING: 'access/slow-down.ts',
  }
  expect(limitsUnder('Access')).toEqual({ ...TOKEN_LIMITS, ...constantsIn(constants) })
})

test('docs/limits.md lists the other limits with their values', () => {
  expect(limitsUnder('Elsewhere')).toEqual({
    FINDINGS_LIMIT,
    READY_DEADLINE_MS,
    WRITES_PER_COMMIT: constantIn('registry/store/group-commit.ts', 'WRITES_PER_COMMIT'),
    SHUTDOWN_GRACE_MS: readSettings({}).graceMs,
    REDIS_TIMEOUT_MS,
    DECIDER_DEADLINE_MS,
    MOST_WAITING: constantIn('registry/verdicts/decider.ts', 'MOST_WAITING'),
    LONGEST_WAIT_MS: constantIn('registry/verdicts/decider.ts', 'LONGEST_WAIT_MS'),
    MOST_REFERENCES: constantIn('registry/subjects/references.ts', 'MOST_REFERENCES'),
    MOST_ATTEMPTS: constantIn('registry/subjects/register.ts', 'MOST_ATTEMPTS'),
    MOST_LISTED: constantIn('registry/schema-registry/schemas.ts', 'MOST_LISTED'),
    LONGEST_ERROR: constantIn('consumers/work.ts', 'LONGEST_ERROR'),
    MOST_KINDS: constantIn('registry/audit/refusals.ts', 'MOST_KINDS'),
    MOST_PARTS: constantIn('registry/schema-registry/body.ts', 'MOST_PARTS'),
  })
})

const over: { readonly [limit in keyof typeof SCHEMA_LIMITS]: object } = {
  bytes: {},
  depth: {},
  subschemas: {},
  properties: { properties: { a: {} } },
  branches: { anyOf: [{}] },
  enumValues: { enum: [1] },
  patternLength: { pattern: 'a' },
}

test.each(Object.entries(over))(
  'a schema over the limit %s has the finding that docs/limits.md names',
  (limit, schema) => {
    const row = rowsUnder('docs/limits.md', 'Schemas').find(([name]) => name === `\`${limit}\``)
    const { findings } = readSchema(schema, { ...SCHEMA_LIMITS, [limit]: 0 })
    expect(findings).toMatchObject([{ code: codesIn(row?.[3] ?? '')[0], reader: { pointer: limit, value: 0 } }])
  },
)

function limitsUnder(heading: string): Record<string, number> {
  const rows = rowsUnder('docs/limits.md', heading)
  return Object.fromEntries(
    rows.map(([name = '', value = '']) => [codesIn(name)[0], Number(value.replaceAll(',', ''))]),
  )
}

/** Constants of the registry, by name and file. */
function constantsIn(files: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, constantIn(`registry/${file}`, name)]))
}

function constantIn(file: string, name: string): number {
  const [, value = ''] = new RegExp(`^(?:export )?const ${name} = ([\\d_]+)$`, 'm').exec(read(file)) ?? []
  return Number(value.replaceAll('_', ''))
}
