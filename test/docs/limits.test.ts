import { expect, test } from 'vitest'
import { FINDINGS_LIMIT } from '../../contracts/check/check.ts'
import { readSchema, SCHEMA_LIMITS } from '../../contracts/index.ts'
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

function constantIn(file: string, name: string): number {
  const [, value = ''] = new RegExp(`^const ${name} = ([\\d_]+)$`, 'm').exec(read(file)) ?? []
  return Number(value.replaceAll('_', ''))
}
